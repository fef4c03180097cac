// Generated from sql/user_service_db by `npm run types`. Edit the SQL, not this file.
import type { Inet, Insert, Timestamp, Update, Uuid } from "./column-types";

/** Values of user_roles.role. */
export const ROLE_VALUES = [
  "FREE_USER",
  "PRO_USER",
  "ENTERPRISE_USER",
  "ADMIN",
  "SUPER_ADMIN",
] as const;
export type Role = (typeof ROLE_VALUES)[number];

/**
 * Requests to confirm that a mailbox belongs to the account's owner. A token works once, until it
 * expires.
 * A row of email_verification_tokens, as `select *` gives it.
 */
export interface EmailVerificationTokenRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  user_id: Uuid;
  /** Hashed like user_sessions.session_token; only the email contains the token itself. */
  token: string;
  expires_at: Timestamp;
  /** Set when the token is used; it is invalid from then on. */
  verified_at: Timestamp | null;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of email_verification_tokens. PostgreSQL fills in what is left out. */
export type EmailVerificationTokenInsert = Insert<
  EmailVerificationTokenRow,
  "id" | "verified_at" | "created_at"
>;

/** Changes of a row of email_verification_tokens. */
export type EmailVerificationTokenUpdate = Update<EmailVerificationTokenInsert, "id">;

/**
 * Requests to set a new password. A token works once, until it expires.
 * A row of password_reset_tokens, as `select *` gives it.
 */
export interface PasswordResetTokenRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  user_id: Uuid;
  /** Hashed like user_sessions.session_token; only the email contains the token itself. */
  token: string;
  expires_at: Timestamp;
  /** Set when the token is used; it is invalid from then on. */
  used_at: Timestamp | null;
  /** @default now() */
  created_at: Timestamp;
}

/** A new row of password_reset_tokens. PostgreSQL fills in what is left out. */
export type PasswordResetTokenInsert = Insert<
  PasswordResetTokenRow,
  "id" | "used_at" | "created_at"
>;

/** Changes of a row of password_reset_tokens. */
export type PasswordResetTokenUpdate = Update<PasswordResetTokenInsert, "id">;

/**
 * One value per user and key.
 * A row of user_preferences, as `select *` gives it.
 */
export interface UserPreferenceRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  user_id: Uuid;
  /** Never blank; the value may be. */
  preference_key: string;
  preference_value: string;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of user_preferences. PostgreSQL fills in what is left out. */
export type UserPreferenceInsert = Insert<UserPreferenceRow, "id" | "created_at" | "updated_at">;

/** Changes of a row of user_preferences. */
export type UserPreferenceUpdate = Update<UserPreferenceInsert, "id" | "updated_at">;

/**
 * Roles granted to accounts. A role is in force while it is neither revoked nor expired.
 * A row of user_roles, as `select *` gives it.
 */
export interface UserRoleRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  user_id: Uuid;
  /**
   * From FREE_USER (fewest rights) to SUPER_ADMIN. A user has at most one row per role that is not
   * revoked: granting the role again renews that row.
   */
  role: Role;
  /** @default now() */
  granted_at: Timestamp;
  /** Time at which the role ends on its own; null for a role without an end. */
  expires_at: Timestamp | null;
  /**
   * Account that granted the role; null when the system granted it, or when that account was
   * deleted.
   */
  granted_by: Uuid | null;
  /** Set when the role is revoked; the row stays as history. */
  revoked_at: Timestamp | null;
}

/** A new row of user_roles. PostgreSQL fills in what is left out. */
export type UserRoleInsert = Insert<
  UserRoleRow,
  "id" | "granted_at" | "expires_at" | "granted_by" | "revoked_at"
>;

/** Changes of a row of user_roles. */
export type UserRoleUpdate = Update<UserRoleInsert, "id">;

/**
 * Sessions of signed-in users. They are deleted with their account.
 * A row of user_sessions, as `select *` gives it.
 */
export interface UserSessionRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  user_id: Uuid;
  /**
   * SHA-256 of the token's bytes as the client sends them, as 64 lower-case hex digits. The token
   * itself is never stored. Create it from at least 32 random bytes, and not as 64 hex digits: the
   * check could not tell it from its hash. Random bytes need neither a salt nor a slow hash.
   */
  session_token: string;
  /** Hashed like session_token; null for a session that cannot be renewed. */
  refresh_token: string | null;
  expires_at: Timestamp;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  last_accessed_at: Timestamp;
  /** Address from which the session was opened; null when unknown. */
  ip_address: Inet | null;
  /** The client's User-Agent header; null when it sent none. */
  user_agent: string | null;
}

/** A new row of user_sessions. PostgreSQL fills in what is left out. */
export type UserSessionInsert = Insert<
  UserSessionRow,
  "id" | "refresh_token" | "created_at" | "last_accessed_at" | "ip_address" | "user_agent"
>;

/** Changes of a row of user_sessions. */
export type UserSessionUpdate = Update<UserSessionInsert, "id">;

/**
 * One row per account.
 * A row of users, as `select *` gives it.
 */
export interface UserRow {
  /** @default gen_random_uuid() */
  id: Uuid;
  /**
   * One mailbox, with exactly one @. Stored as the person typed it, and unique regardless of case.
   * lower(email) = lower($1) finds an account however its email is typed; email = $1 finds only the
   * exact spelling. Each form has an index. "on conflict (email)" matches the same spelling; a
   * different spelling of a taken email fails with 23505.
   */
  email: string;
  /**
   * Output of the service's password hash function, with salt and parameters. Never a password,
   * never blank.
   */
  password_hash: string;
  first_name: string;
  last_name: string;
  /** @default false */
  email_verified: boolean;
  /** @default now() */
  created_at: Timestamp;
  /** @default now() */
  updated_at: Timestamp;
}

/** A new row of users. PostgreSQL fills in what is left out. */
export type UserInsert = Insert<UserRow, "id" | "email_verified" | "created_at" | "updated_at">;

/** Changes of a row of users. */
export type UserUpdate = Update<UserInsert, "id" | "updated_at">;
