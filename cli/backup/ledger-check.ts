import { type ServiceName, SERVICES } from "../../catalog/services";
import { readMigrations } from "../../migrator";
import type { Manifest } from "./manifest";

/**
 * Migrations of the backup that this checkout does not have: an update would refuse the restored database.
 * @returns one fault for each database
 */
export function newerFiles(
  { services, commit }: Pick<Manifest, "services" | "commit">,
  only?: ServiceName,
): string[] {
  return Object.entries(services)
    .filter(([service]) => service in SERVICES && (only === undefined || only === service))
    .flatMap(([service, { database }]) => {
      const { database: name } = SERVICES[service as ServiceName];
      const own = new Set(readMigrations(`sql/${name}`).versioned.map((file) => file.name));
      const missing = Object.keys(database.ledger).filter(
        (file) => /^\d{4}_/.test(file) && !own.has(file),
      );
      return missing.length === 0
        ? []
        : [
            `The backup has migrations of ${name} that this checkout does not have: ${missing.join(", ")}. ` +
              `Check out what wrote it${commit === undefined ? "" : ` (commit ${commit})`}, or a later commit.`,
          ];
    });
}
