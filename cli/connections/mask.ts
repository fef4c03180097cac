import type { ServiceConnections } from "../../contract/connections";

/** In place of a secret. */
export const MASK = "********";

/** The same connections without their secrets: passwords, and those in URLs. */
export const masked = (connections: ServiceConnections): ServiceConnections =>
  maskedObject(connections) as unknown as ServiceConnections;

const maskedObject = (object: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, maskedValue(key, value)]));

function maskedValue(key: string, value: unknown): unknown {
  if (key === "password") {
    return MASK;
  }
  if (typeof value === "string") {
    return value.replace(/(:\/\/[^:/@]*:)[^@]*@/, `$1${MASK}@`);
  }
  return typeof value === "object" && value !== null ? maskedObject(value) : value;
}
