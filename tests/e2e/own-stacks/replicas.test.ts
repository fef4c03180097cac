import assert from "node:assert/strict";

import { run } from "../../../cli/machine/run";
import type { Report } from "../../../cli/verify/report";
import { docker, named } from "../support/docker";
import { ReplicatedStack } from "../support/replicated-stack";
import { outcome } from "../support/roles";

const STACK = "replicas";
const PREFIX = `learning-platform-${STACK}`;
const PRIMARY = `${PREFIX}-postgres`;
const REPLICA = `${PREFIX}-postgres-replica-1`;
const PASSWORD_FILE = "/etc/platform/replicator.pgpass";
/** The longest lag that is promised, in seconds (docs/replicas.md). */
const MOST_LAG_SECONDS = 10;

describe("A stack with a replica of PostgreSQL", () => {
  let on: ReplicatedStack;

  async function lag(): Promise<{ follows: boolean; lagSeconds?: number }> {
    const { replicas } = JSON.parse(
      await on.checkout.npmOk("status", ["--stack", STACK, "--json"]),
    ) as { replicas: { follows: boolean; lagSeconds?: number }[] };
    assert.equal(replicas.length, 1);
    return replicas[0];
  }

  let turnedOn: string;
  before(async () => {
    on = new ReplicatedStack(STACK);
    await on.configure("protect: true");
    await on.write("before");
    turnedOn = await on.configure("protect: true", "postgresReplicas: 1");
  });
  after(async () => {
    await on.configure("protect: false");
    await on.checkout.cleanUp(STACK);
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
    assert.deepEqual(await on.titles(on.app()), ["before"]);
  });

  it("gives readers a standby, on which rows arrive", async () => {
    assert.notEqual(on.reader().port, on.app().port);
    assert.equal(
      `${on.reader().host}:${on.reader().port}`,
      on.outputs.accessPoints.postgresReplica1.address,
    );
    const sql = "select pg_is_in_recovery() as standby";
    assert.deepEqual(await on.query(on.reader(), sql), [{ standby: true }]);
    await on.write("after");
    await on.sees("after");
    assert.deepEqual(await on.titles(on.reader()), ["after", "before"]);
  });

  it("lets readers alone log in to the replica, each to its own database, and write nothing", async () => {
    const { host, port } = on.reader();
    const other = on.outputs.services["user-service"].database.name;
    const sql = "delete from generated_content";
    assert.equal(await outcome(on.query(on.reader(), sql)), "25006");
    assert.equal(await outcome(on.query({ ...on.app(), host, port }, "select 1")), "28000");
    assert.equal(await outcome(on.query({ ...on.reader(), name: other }, "select 1")), "28000");
    assert.equal(
      await outcome(on.query({ ...on.administrator(), host, port }, "select 1")),
      await outcome(on.query(on.administrator(), "select 1")),
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
    const replicator = { ...on.administrator(), username: "platform_replicator", password };
    for (const name of ["postgres", on.app().name]) {
      assert.equal(await outcome(on.query({ ...replicator, name }, "select 1")), "28000", name);
    }
  });

  it("catches up after a restart during writes", async () => {
    await docker("stop", REPLICA);
    for (const title of ["one", "two", "three"]) {
      await on.write(title);
    }
    assert.equal((await lag()).follows, false);
    await docker("start", REPLICA);
    await on.write("four");
    await on.sees("four");
    const { follows, lagSeconds } = await lag();
    assert.ok(follows && lagSeconds! < MOST_LAG_SECONDS, `${lagSeconds} s`);
    assert.deepEqual(await on.titles(on.reader()), await on.titles(on.app()));
  });

  it("is right in every part", async () => {
    const { stdout } = await on.checkout.npm("verify", ["--stack", STACK, "--json"]);
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
    await on.write("five");
    const printed = await on.checkout.npmOk("up", ["--stack", STACK]);
    assert.match(printed, new RegExp(`volume ${REPLICA}-data: missing, with a copy`));
    await on.sees("five");
    const { stdout } = await run("docker", ["volume", "inspect", `${REPLICA}-data`]);
    assert.match(stdout, /"learning-platform.stack": "replicas"/);
  });

  it("takes the replica away with its slot, as it has no data of its own", async () => {
    await on.configure("protect: true");
    assert.deepEqual(await named("container", REPLICA), []);
    assert.deepEqual(await named("volume", REPLICA), []);
    const left =
      "select slot_name as name from pg_replication_slots union all select rolname from pg_roles where rolreplication and not rolsuper";
    assert.deepEqual(await on.query(on.administrator(), left), []);
    assert.equal(on.reader().port, on.app().port);
    assert.ok((await on.titles(on.reader())).includes("five"));
  });
});
