/** Accounts: in the database, in the cache `users`, and as events. */
import type { Platform } from "@learning-platform/client";

export interface NewUser {
  email: string;
  firstName: string;
  lastName: string;
}

export interface User extends NewUser {
  id: string;
  roles: string[];
}

export class Users {
  private readonly platform: Platform;
  private readonly cache;

  constructor(platform: Platform) {
    this.platform = platform;
    this.cache = platform.cache<User>("users");
  }

  /** @returns the new user's id */
  async register(user: NewUser): Promise<string> {
    // No password has this hash: the user has to set one first.
    const { rows } = await this.platform.database().query<{ id: string }>(
      `insert into users (email, password_hash, first_name, last_name)
       values ($1, '!', $2, $3) returning id`,
      [user.email, user.firstName, user.lastName],
    );
    const [{ id }] = rows;
    // Nothing but the id, because an event cannot be removed when the user is erased.
    await this.platform.producer().publish("user-events", {
      ...{ type: "user.registered.v1", subject: id, data: { userId: id } },
    });
    return id;
  }

  /** @returns undefined if there is no such user, which is not cached */
  find(id: string): Promise<User | undefined> {
    return this.cache.get(id, async () => {
      const { rows } = await this.platform.database().query<User>(
        `select id, email, first_name as "firstName", last_name as "lastName", array(
           select role from user_roles
           where user_id = users.id and revoked_at is null and coalesce(expires_at > now(), true)
           order by role
         ) as roles from users where id = $1`,
        [id],
      );
      return rows[0];
    });
  }

  /** Does nothing where the user has the role already: an event may arrive twice. */
  async grant(id: string, role: string): Promise<void> {
    await this.platform.database().query(
      `insert into user_roles (user_id, role) values ($1, $2)
       on conflict (user_id, role) where revoked_at is null do nothing`,
      [id, role],
    );
    await this.cache.invalidate(id);
  }
}
