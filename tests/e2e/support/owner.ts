import { type Outputs, withDatabase } from "./clients";

/** Runs statements as the owner of a service's database. */
export function asOwner(
  { administrators, accessPoints }: Outputs,
  prefix: string,
  sql: string,
): Promise<unknown> {
  const { username, password } = administrators.postgres;
  const login = `${username}:${encodeURIComponent(password)}`;
  const url = `postgresql://${login}@${accessPoints.postgres.address}/${prefix}_db`;
  return withDatabase(url, (client) => client.query(`set role ${prefix}_owner; ${sql}`));
}
