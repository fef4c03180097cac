/**
 * Names on servers that several stacks may share. A stack that shares them begins each name with a prefix of its own;
 * one that has its servers for itself has the empty prefix.
 */

/** Name of a user, topic, consumer group or key: `pr-7-user-events`. */
export const sharedName = (prefix: string, name: string): string =>
  prefix === "" ? name : `${prefix}-${name}`;

/** Name of a database or role, which has underscores only: `pr_7_user_service_db`. */
export const sharedSqlName = (prefix: string, name: string): string =>
  prefix === "" ? name : `${prefix.replaceAll("-", "_")}_${name}`;
