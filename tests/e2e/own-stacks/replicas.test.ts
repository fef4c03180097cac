import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";

import { Client } from "pg";

import { run } from "../../../cli/machine/run";
import type { Report } from "../../../cli/verify/report";
import type { DatabaseLogin } from "../../../contract/connections";
import { Checkout } from "../support/checkout";
import type { Outputs } from "../support/clients";
import { docker, named } from "../support/docker";
import { readOutputs } from "../support/hooks";
import { outcome } from "../support/roles";
import { until } from "../support/running";

const STACK = "replicas";
const PREFIX = `learning-platform-${STACK}`;
const PRIMARY = `${PREFIX}-postgres`;
const REPLICA = `${PREFIX}-postgres-replica-1`;
const SERVICE = "content-service";
const PASSWORD_FILE = "/etc/platform/replicator.pgpass";
/** The longest lag that is promised, in seconds (docs/replicas.md). */
const MOST_LAG_SECONDS = 10;

type Login = Pick<DatabaseLogin, "host" | "port" | "username" | "password" | "name">;

describe("A stack with a replica of PostgreSQL", () => {
  let checkout: Checkout;
  let outputs: Outputs;

  async function configure(...lines: string[]): Promise<string> {
    const all = ["console: false", "tls: true", ...lines];
    const text = all.map((line) => `  learning-platform:${line}\n`).join("");
    writeFileSync(checkout.path(`Pulumi.${STACK}.yaml`), `config:\n${text}`);
    const printed = await checkout.npmOk("up", ["--stack", STACK]);
    outputs = await readOutputs(checkout, STACK);
    return printed;
  }

  async function query<T extends object>(login: Login, sql: string): Promise<T[]> {
    const { host, port, username: user, password, name: database } = login;
    const ssl = { ca: outputs.trustedCertificates };
    const client = new Client({ host, port, user, password, database, ssl });
    try {
      await client.connect();
      return (await client.query<T>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  const app = () => outputs.services[SERVICE].database;
  const reader = () => outputs.services[SERVICE].databaseReadonly;
  const administrator = (): Login => {
    const { host, port } = app();
    return { host, port, name: "postgres", ...outputs.administrators.postgres };
  };
  const write = (title: string) =>
    query(
      app(),
      `insert into generated_content (session_id, content_type, title, content_data)
       values (gen_random_uuid(), 'TEXT', '${title}', '{}')`,
    );
  const titles = async (login: Login) =>
    (await query<{ title: string }>(login, "select title from generated_content order by 1")).map(
      ({ title }) => title,
    );

  async function lag(): Promise<{ follows: boolean; lagSeconds?: number }> {
    const { replicas } = JSON.parse(
      await checkout.npmOk("status", ["--stack", STACK, "--json"]),
    ) as { replicas: { follows: boolean; lagSeconds?: number }[] };
    assert.equal(replicas.length, 1);
    return replicas[0];
  }
  const sees = (title: string) =>
    until(async () => {
      const found = await titles(reader()).catch((): string[] => []);
      return found.includes(title);
    }, 60_000);

  let turnedOn: string;
  before(async () => {
    checkout = new Checkout();
    await configure("protect: true");
    await write("before");
    turnedOn = await configure("protect: true", "postgresReplicas: 1");
  });
  after(async () => {
    await configure("protect: false");
    await checkout.cleanUp(STACK);
    for (const kind of ["container", "volume", "network"] as const) {
      assert.deepEqual(await named(kind, PREFIX), []);
    }
  });

  it("announces that PostgreSQL is replaced, and keeps its data", async () => {
    assert.match(
      turnedOn,
      new RegExp(`^Replaces the container ${PRIMARY}: PostgreSQL is down`, "m"),
    );
    assert.match(turnedOn, /PostgreSQL, replica 1 +localhost:\d+ +healthy/);
    assert.deepEqual(await titles(app()), ["before"]);
  });

  it("gives readers a standby, on which rows arrive", async () => {
    assert.notEqual(reader().port, app().port);
    assert.equal(
      `${reader().host}:${reader().port}`,
      outputs.accessPoints.postgresReplica1.address,
    );
    const sql = "select pg_is_in_recovery() as standby";
    assert.deepEqual(await query(reader(), sql), [{ standby: true }]);
    await write("after");
    await sees("after");
    assert.deepEqual(await titles(reader()), ["after", "before"]);
  });

  it("lets readers alone log in to the replica, each to its own database, and write nothing", async () => {
    const { host, port } = reader();
    const other = outputs.services["user-service"].database.name;
    const sql = "delete from generated_content";
    assert.equal(await outcome(query(reader(), sql)), "25006");
    assert.equal(await outcome(query({ ...app(), host, port }, "select 1")), "28000");
    assert.equal(await outcome(query({ ...reader(), name: other }, "select 1")), "28000");
    assert.equal(
      await outcome(query({ ...administrator(), host, port }, "select 1")),
      await outcome(query(administrator(), "select 1")),
    );
  });

  it("replicates to containers of its network alone, by a password that Docker does not show", async () => {
    const [, , , , password] = (await docker("exec", REPLICA, "cat", PASSWORD_FILE))
      .trim()
      .split(":");
    assert.ok(!(await docker("inspect", REPLICA, PRIMARY)).includes(password));
    const ask = (container: string, address: string) =>
      run(
        "docker",
        [
          ...["exec", "--env", "PGPASSWORD", container, "psql", "--command", "IDENTIFY_SYSTEM"],
          `${address} user=platform_replicator sslmode=require replication=true`,
        ],
        { env: { ...process.env, PGPASSWORD: password } },
      );
    assert.equal((await ask(REPLICA, `host=${PRIMARY}`)).code, 0);
    assert.match((await ask(PRIMARY, "host=127.0.0.1")).stderr, /rejects replication connection/);
    const replicator = { ...administrator(), username: "platform_replicator", password };
    for (const name of ["postgres", app().name]) {
      assert.equal(await outcome(query({ ...replicator, name }, "select 1")), "28000", name);
    }
  });

  it("catches up after a restart during writes", async () => {
    await docker("stop", REPLICA);
    for (const title of ["one", "two", "three"]) {
      await write(title);
    }
    assert.equal((await lag()).follows, false);
    await docker("start", REPLICA);
    await write("four");
    await sees("four");
    const { follows, lagSeconds } = await lag();
    assert.ok(follows && lagSeconds! < MOST_LAG_SECONDS, `${lagSeconds} s`);
    assert.deepEqual(await titles(reader()), await titles(app()));
  });

  it("is right in every part", async () => {
    const { stdout } = await checkout.npm("verify", ["--stack", STACK, "--json"]);
    const { lines } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      lines.filter(({ verdict }) => verdict !== "right"),
      [],
    );
    const replicas = lines.filter(({ area }) => area === "replicas").map(({ what }) => what);
    assert.ok(replicas.includes("replica postgres-replica-1"), replicas.join());
    assert.equal(replicas.length, 5);
  });

  it("makes another copy where the replica's volume is lost", async () => {
    await docker("rm", "-f", REPLICA);
    await docker("volume", "rm", `${REPLICA}-data`);
    await write("five");
    const printed = await checkout.npmOk("up", ["--stack", STACK]);
    assert.match(printed, new RegExp(`volume ${REPLICA}-data: missing, with a copy`));
    await sees("five");
    const { stdout } = await run("docker", ["volume", "inspect", `${REPLICA}-data`]);
    assert.match(stdout, /"learning-platform.stack": "replicas"/);
  });

  it("puts the replica's data in the place of the primary's, whose volume is lost", async () => {
    const rows = await titles(app());
    await docker("rm", "-f", PRIMARY);
    await docker("volume", "rm", `${PRIMARY}-data`);
    const { code, stderr } = await checkout.npm("up", ["--stack", STACK]);
    assert.equal(code, 1);
    assert.match(stderr, /volume \S+ is missing.*npm run promote/s);
    await checkout.npmOk("promote", ["postgres-replica-1", "--stack", STACK, "--yes"]);
    await checkout.npmOk("up", ["--stack", STACK]);
    assert.deepEqual(await titles(app()), rows);
    await write("six");
    await sees("six");
  });

  it("takes the replica away with its slot, as it has no data of its own", async () => {
    await configure("protect: true");
    assert.deepEqual(await named("container", REPLICA), []);
    assert.deepEqual(await named("volume", REPLICA), []);
    const left =
      "select slot_name as name from pg_replication_slots union all select rolname from pg_roles where rolreplication and not rolsuper";
    assert.deepEqual(await query(administrator(), left), []);
    assert.equal(reader().port, app().port);
    assert.ok((await titles(reader())).includes("six"));
  });
});
