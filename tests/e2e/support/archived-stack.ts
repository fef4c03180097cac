/** A stack whose PostgreSQL is archived on an S3 server of the test. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { type ArchiveState, readArchiveState } from "../../../cli/recover/state";
import { Checkout } from "./checkout";
import { type Outputs, withDatabase } from "./clients";
import { readOutputs } from "./hooks";
import { S3_KEYS, type S3Server } from "./s3-server";

const SECRET = "LEARNING_PLATFORM_WAL_ARCHIVE_SECRET_ACCESS_KEY";
/** A base backup on a busy machine. */
const LONGEST_WAIT_MS = 180_000;

/** The value of `walArchive` for this server, whose key every command of the stack reads from the environment. */
export function archiveOn(s3: S3Server) {
  process.env[SECRET] = S3_KEYS.secret;
  return {
    destination: `s3://${s3.bucket}/platform`,
    endpoint: s3.endpoint,
    accessKeyId: S3_KEYS.id,
  };
}

export class ArchivedStack {
  public readonly checkout = new Checkout();
  public readonly prefix: string;
  private known: Promise<Outputs> | undefined;

  constructor(
    public readonly stack: string,
    s3: S3Server,
    more: Record<string, boolean> = {},
  ) {
    this.prefix = `learning-platform-${stack}`;
    const settings = { protect: false, console: false, ...more, walArchive: archiveOn(s3) };
    const lines = Object.entries(settings).map(
      ([key, value]) => `  learning-platform:${key}: ${JSON.stringify(value)}\n`,
    );
    writeFileSync(this.checkout.path(`Pulumi.${stack}.yaml`), `config:\n${lines.join("")}`);
  }

  public npm(command: string, ...args: string[]) {
    this.known = undefined;
    return this.checkout.npm(command, ["--stack", this.stack, ...args]);
  }

  public npmOk(command: string, ...args: string[]) {
    this.known = undefined;
    return this.checkout.npmOk(command, ["--stack", this.stack, ...args]);
  }

  /** The engine takes seconds to answer, and only a command of the stack changes them. */
  public readonly outputs = (): Promise<Outputs> =>
    (this.known ??= readOutputs(this.checkout, this.stack));

  /** Writes a marked row as the service does, with its current password. */
  public async write(mark: string): Promise<void> {
    const { services, trustedCertificates } = await this.outputs();
    await withDatabase(
      services["user-service"].database.url,
      (client) =>
        client.query(
          "insert into users (email, password_hash, first_name, last_name) values ($1, 'x', 'a', 'b')",
          [`${mark}@example.com`],
        ),
      trustedCertificates,
    );
  }

  /** The marks of the rows that are there, read as the service. */
  public async marks(): Promise<string[]> {
    const { services, trustedCertificates } = await this.outputs();
    return withDatabase(
      services["user-service"].database.url,
      async (client) => {
        const { rows } = await client.query<{ mark: string }>(
          "select split_part(email, '@', 1) as mark from users order by created_at",
        );
        return rows.map(({ mark }) => mark);
      },
      trustedCertificates,
    );
  }

  /** Acts as the superuser. */
  public async asAdministrator<T>(sql: string): Promise<T[]> {
    const { administrators, accessPoints, trustedCertificates } = await this.outputs();
    const { username, password } = administrators.postgres;
    const url = `postgresql://${username}:${password}@${accessPoints.postgres.address}/postgres`;
    return withDatabase(
      url,
      async (client) => (await client.query(sql)).rows as T[],
      trustedCertificates,
    );
  }

  /** Has the server close its file of WAL, with something in it. */
  public async switchWal(): Promise<void> {
    await this.asAdministrator("select pg_logical_emit_message(true, 'test', 'x')");
    await this.asAdministrator("select pg_switch_wal()");
  }

  /** The state of the archive; undefined while its container does not run. */
  public state = (): Promise<ArchiveState | undefined> =>
    readArchiveState(`${this.prefix}-wal-archiver`);

  /** Waits until the state of the archive is so. */
  public async until(isSo: (state: ArchiveState) => boolean): Promise<ArchiveState> {
    for (const end = Date.now() + LONGEST_WAIT_MS; ; await sleep(500)) {
      const state = await this.state();
      if (state !== undefined && isSo(state)) {
        return state;
      }
      assert.ok(Date.now() < end, `still ${JSON.stringify(state)}`);
    }
  }
}
