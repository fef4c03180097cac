/** Most connections of each login role; the application's is the size of one service's pool. */
export const CONNECTION_LIMITS = { migrator: 3, app: 20, readonly: 5 } as const;
export type LoginRole = keyof typeof CONNECTION_LIMITS;

/** Names of a service's roles by what they are for; `owner` alone does not log in. */
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
 * Limits in milliseconds on what a role's session may hold up. A session can raise its own: they
 * stop accidents, not malice. The migration runner sets its own for each file.
 */
export const TIMEOUTS: Readonly<
  Record<LoginRole, { statement: number; lock: number; idleInTransaction: number }>
> = {
  migrator: { statement: 3_600 * SECOND, lock: 10 * SECOND, idleInTransaction: 60 * SECOND },
  app: { statement: 30 * SECOND, lock: 10 * SECOND, idleInTransaction: 60 * SECOND },
  readonly: { statement: 60 * SECOND, lock: 10 * SECOND, idleInTransaction: 60 * SECOND },
};
