/** What of a stack is backed up, and how its servers are reached. */
import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import type { ServiceName } from "../../catalog/services";
import { imageName } from "../../components/platform/image-name";
import type { DatabaseRightsInputs } from "../../components/postgres/database-rights-inputs";
import type { SchemaMigrationsInputs } from "../../components/postgres/migration-inputs";
import type { PostgresAdministrator } from "../../components/postgres/postgres-client";
import type { RedisLogin } from "../../components/redis/redis-client";
import type { ServiceConnections } from "../../contract/connections";
import { withTrustedFile } from "../clients/trusted-file";
import { encryptsRedis } from "../connections/encryption";
import { FaultError } from "../fault";
import { ensureImages } from "../machine/images";
import { ledgerTargets } from "../migrations/ledgers";
import type { StackOptions } from "../options";
import { TYPES } from "../resource-types";
import { outputsOf } from "../stack/outputs";
import { stackConfiguration } from "../stack/settings";
import type { StackResource } from "../stack/state";
import type { ToolPlace } from "./content/postgres-tools";

export interface ServiceParts {
  service: ServiceName;
  /** The database, and who migrates it. */
  database: SchemaMigrationsInputs;
  /** The roles with rights in it. */
  roles: string[];
  /** Its keys on the session server; absent if it has none there, or the stack has no administrator of it. */
  sessions?: { login: RedisLogin; prefix: string };
}

export interface StackParts {
  services: ServiceParts[];
  administrator: PostgresAdministrator;
  /** Container of PostgreSQL; absent where the server exists. */
  container?: string;
  /** Image with the client programs. */
  image: string;
  /** PEM of the authorities to trust, `system`, or undefined where the connection is not encrypted. */
  trusted?: string;
  /** Why no sessions can be read, where that is so. */
  note?: string;
}

/** @throws FaultError where no update of the stack has ended */
export function partsOf(stack: string, resources: readonly StackResource[]): StackParts {
  const outputs = outputsOf(stack, resources);
  const rights = resources
    .filter(({ type }) => type === TYPES.databaseRights)
    .map(({ inputs }) => inputs as unknown as DatabaseRightsInputs);
  const [administrator] = rights;
  if (administrator === undefined) {
    throw new FaultError([`Stack ${stack} has no databases yet. Run npm run up.`]);
  }
  const { redisSession } = outputs.administrators;
  const sessionsOf = ({ session, trustedCertificates }: ServiceConnections) => {
    if (session === undefined || redisSession === undefined) {
      return undefined;
    }
    const { host, port, keyPrefix } = session;
    const trusted = encryptsRedis(session)
      ? (outputs.trustedCertificates ?? trustedCertificates ?? SYSTEM_AUTHORITIES)
      : undefined;
    return { login: { host, port, ...redisSession, trusted }, prefix: keyPrefix };
  };
  const services = Object.entries(outputs.services) as [ServiceName, ServiceConnections][];
  const { postgresImage, imageRegistry } = stackConfiguration(stack);
  return {
    services: ledgerTargets(resources).flatMap(({ inputs }) =>
      services
        .filter(([, { database }]) => database.name === inputs.database)
        .map(([service, connections]): ServiceParts => {
          const sessions = sessionsOf(connections);
          const found = rights.find(({ database }) => database === inputs.database);
          const roles = [inputs.owner, inputs.username, ...Object.keys(found?.roles ?? {})];
          return {
            ...{ service, database: inputs, roles: [...new Set(roles)].sort() },
            ...(sessions ? { sessions } : {}),
          };
        }),
    ),
    administrator,
    container: outputs.accessPoints.postgres?.container,
    image: imageName(postgresImage, imageRegistry),
    trusted: administrator.trusted,
    ...(redisSession === undefined
      ? {
          note: "The session store is left out: its users are given, and none of them may read all keys.",
        }
      : {}),
  };
}

/** Acts with the client programs of PostgreSQL: those of the server's container, or of a container that is removed at once. */
export async function withTools<T>(
  { container, image, trusted }: StackParts,
  { offline }: Pick<StackOptions, "offline">,
  act: (place: ToolPlace) => Promise<T>,
): Promise<T> {
  if (container === undefined) {
    await ensureImages([{ kind: "postgres", name: image }], offline, (line) => console.log(line));
  }
  const pem = trusted === SYSTEM_AUTHORITIES ? undefined : trusted;
  return withTrustedFile(pem, (trustedFile) =>
    act({ container, image, trustedFile, isEncrypted: trusted !== undefined }),
  );
}
