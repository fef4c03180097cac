import { DATABASE_POOL, READONLY_POOL } from "../../catalog/client-settings";
import { type ServiceDefinition, SERVICES } from "../../catalog/services";

export type LoginRole = "migrator" | "app" | "readonly";

/**
 * Most connections of each login role of a service: a full pool for each of its instances, and for one more during a
 * rolling deployment.
 */
export function connectionLimits({
  instances,
}: Pick<ServiceDefinition, "instances">): Readonly<Record<LoginRole, number>> {
  const pools = instances + 1;
  return {
    migrator: 3,
    app: pools * DATABASE_POOL.maximumPoolSize,
    readonly: pools * READONLY_POOL.maximumPoolSize,
  };
}

/** Most connections of all services' roles together. */
export const allConnections = (): number =>
  Object.values(SERVICES)
    .flatMap((service) => Object.values(connectionLimits(service)))
    .reduce((sum, limit) => sum + limit, 0);

/** Names of a service's roles by their kind. All but `owner` log in. */
export type RoleNames = Readonly<Record<LoginRole | "owner", string>>;

export function roleNames(rolePrefix: string): RoleNames {
  return {
    owner: `${rolePrefix}_owner`,
    migrator: `${rolePrefix}_migrator`,
    app: `${rolePrefix}_app`,
    readonly: `${rolePrefix}_readonly`,
  };
}

const SECOND = 1_000;

/**
 * Timeouts in milliseconds for sessions of a role. A session can raise its own: they prevent accidents, not abuse.
 * The migration runner sets its own for each file.
 */
export const TIMEOUTS: Readonly<
  Record<LoginRole, { statement: number; lock: number; idleInTransaction: number }>
> = {
  migrator: { statement: 3_600 * SECOND, lock: 10 * SECOND, idleInTransaction: 60 * SECOND },
  app: { statement: 30 * SECOND, lock: 10 * SECOND, idleInTransaction: 60 * SECOND },
  readonly: { statement: 60 * SECOND, lock: 10 * SECOND, idleInTransaction: 60 * SECOND },
};
