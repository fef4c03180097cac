import { writeFileSync } from "node:fs";

import { Client } from "pg";

import type { DatabaseLogin } from "../../../contract/connections";
import { Checkout } from "./checkout";
import type { Outputs } from "./clients";
import { readOutputs } from "./hooks";
import { until } from "./running";

const SERVICE = "content-service";

export type Login = Pick<DatabaseLogin, "host" | "port" | "username" | "password" | "name">;

/** A stack of its own whose PostgreSQL has a replica, with rows of the content service. */
export class ReplicatedStack {
  public readonly checkout = new Checkout();
  public readonly prefix: string;
  public outputs!: Outputs;

  constructor(public readonly stack: string) {
    this.prefix = `learning-platform-${stack}`;
  }

  /** Runs `up` with settings, and returns what it printed. */
  public async configure(...lines: string[]): Promise<string> {
    this.settings(...lines);
    const printed = await this.checkout.npmOk("up", ["--stack", this.stack]);
    await this.read();
    return printed;
  }

  /** Writes settings, such as `protect: true`. */
  public settings(...lines: string[]): void {
    const all = ["console: false", "tls: true", ...lines];
    const text = all.map((line) => `  learning-platform:${line}\n`).join("");
    writeFileSync(this.checkout.path(`Pulumi.${this.stack}.yaml`), `config:\n${text}`);
  }

  /** Reads the logins again. */
  public async read(): Promise<void> {
    this.outputs = await readOutputs(this.checkout, this.stack);
  }

  public async query<T extends object>(login: Login, sql: string): Promise<T[]> {
    const { host, port, username: user, password, name: database } = login;
    const ssl = { ca: this.outputs.trustedCertificates };
    // A server that goes down in the middle may leave a connection without an answer.
    const limits = { connectionTimeoutMillis: 20_000, query_timeout: 60_000 };
    const client = new Client({ host, port, user, password, database, ssl, ...limits });
    // Where a server goes down between two statements, the next one says so.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  public readonly app = () => this.outputs.services[SERVICE].database;
  public readonly reader = () => this.outputs.services[SERVICE].databaseReadonly;

  public readonly administrator = (name = "postgres"): Login => {
    const { host, port } = this.app();
    return { host, port, name, ...this.outputs.administrators.postgres };
  };

  public readonly write = (title: string) =>
    this.query(
      this.app(),
      `insert into generated_content (session_id, content_type, title, content_data)
       values (gen_random_uuid(), 'TEXT', '${title}', '{}')`,
    );

  public async titles(login: Login): Promise<string[]> {
    const sql = "select title from generated_content order by 1";
    return (await this.query<{ title: string }>(login, sql)).map(({ title }) => title);
  }

  /** Waits until readers see the row. */
  public readonly sees = (title: string) =>
    until(async () => {
      const found = await this.titles(this.reader()).catch((): string[] => []);
      return found.includes(title);
    }, 60_000);
}
