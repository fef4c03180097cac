import type { ServiceConnections } from "../../contract/connections";

/** One value of the connections with its path: `["database", "pool", "maximumPoolSize"]`. */
export interface Setting {
  path: string[];
  value: string | number;
}

/** Every value of the connections, in their order. */
export const settingsOf = (connections: ServiceConnections): Setting[] => leaves(connections, []);

const leaves = (object: object, path: string[]): Setting[] =>
  Object.entries(object).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "object" && value !== null
      ? leaves(value, [...path, key])
      : [{ path: [...path, key], value: value as string | number }],
  );

/**
 * Name of the variable with a setting of a service: `PLATFORM_USER_SERVICE_DATABASE_JDBC_URL`. Without a path it is
 * that of the variable with all settings as JSON.
 */
export const variableName = (service: string, path: string[] = []): string =>
  ["platform", service, ...path]
    .map((part) => part.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll("-", "_"))
    .join("_")
    .toUpperCase();
