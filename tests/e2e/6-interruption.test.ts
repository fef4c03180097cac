import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";

import { readMigrations } from "../../migrator";
import { withDatabase } from "./support/clients";
import { docker } from "./support/docker";
import { platform } from "./support/hooks";
import { setLink } from "./support/link";
import { processesOf, Running, until } from "./support/running";

const DATABASE = "content_service_db";
const CONTAINER = "learning-platform-postgres";
const FIRST = readMigrations(`sql/${DATABASE}`).versioned.length + 1;

let written = 0;

/** Adds a file after the existing ones, and returns its name. */
function write(verb: string, sql: string): string {
  const name = `${String(FIRST + written).padStart(4, "0")}_${verb}.sql`;
  written += 1;
  writeFileSync(platform().checkout.path("sql", DATABASE, name), sql);
  return name;
}

/** A query of the superuser. Only the superuser sees the sessions of others. */
const rows = <Row extends object>(database: string, sql: string) => {
  const { username, password } = platform().outputs.administrators.postgres;
  const { host, port } = platform().outputs.services["content-service"].database;
  const url = `postgresql://${username}:${password}@${host}:${port}/${database}`;
  return withDatabase(url, async (client) => (await client.query<Row>(sql)).rows);
};

const applied = async (names: string[]) => {
  const found = await rows<{ name: string }>(DATABASE, "select name from migrations.ledger");
  return names.filter((name) => found.some((row) => row.name === name));
};

const asleep = async () =>
  (await rows(DATABASE, "select from pg_stat_activity where wait_event = 'PgSleep'")).length > 0;

/** Names of the applied files in the stack's state. */
async function inState(names: string[]): Promise<string[]> {
  const { stdout } = await platform().checkout.pulumi("stack", "export", "--stack", "dev");
  const { deployment } = JSON.parse(stdout) as {
    deployment: { resources: { type: string; id: string; outputs: { versioned: object } }[] };
  };
  const { outputs } = deployment.resources.find(
    ({ type, id }) => type.endsWith(":SchemaMigrations") && id === DATABASE,
  )!;
  return names.filter((name) => name in outputs.versioned);
}

describe("An up that is interrupted during a migration", () => {
  it("continues in the next run after engine and cli were killed, and leaves no process behind", async () => {
    const { checkout } = platform();
    const slow = write("sleep_through_kill", "select pg_sleep(4);\n");
    const next = write("follow_kill", "create table after_kill (id integer primary key);\n");
    const up = new Running(checkout);
    await until(asleep);
    await up.kill();
    await until(() => processesOf(checkout).length === 0);
    const printed = await checkout.npmOk("up");
    assert.match(
      printed,
      /^Removing the stale lock of the last run, which was killed \(process \d+\)\.$/m,
    );
    assert.match(printed, new RegExp(`sql/${DATABASE}: ${next} applied`));
    assert.deepEqual(await applied([slow, next]), [slow, next]);
    assert.deepEqual(await inState([slow, next]), [slow, next]);
  });

  it("reports the lost connection when the server is killed, keeps the applied files, and recovers", async () => {
    const { checkout } = platform();
    const quick = write("precede_crash", "create table before_crash (id integer primary key);\n");
    const slow = write("sleep_through_crash", "select pg_sleep(8);\n");
    const up = new Running(checkout);
    await until(asleep);
    // Each file is reported as soon as it is applied.
    await up.hasPrinted(new RegExp(`sql/${DATABASE}: ${quick} applied`));
    await docker("kill", CONTAINER);
    assert.equal(await up.exitCode(), 1);
    assert.match(up.printed, new RegExp(`${slow} {2}lost the connection to database ${DATABASE}`));
    assert.match(up.printed, /It was rolled back, or just committed; run again/);
    assert.deepEqual(await inState([quick, slow]), [quick]);

    const printed = await checkout.npmOk("up");
    assert.match(printed, new RegExp(`^  container ${CONTAINER}: not running$`, "m"));
    assert.doesNotMatch(printed, new RegExp(`${quick} applied`));
    assert.deepEqual(await applied([quick, slow]), [quick, slow]);
  });

  it("gives up a silent network, and continues in the next run", async () => {
    const { checkout } = platform();
    // Longer than both sides need to give up.
    const slow = write("sleep_through_cut", "select pg_sleep(75);\n");
    const up = new Running(checkout);
    await until(asleep);
    await setLink(CONTAINER, "down");
    try {
      assert.equal(await up.exitCode(), 1);
    } finally {
      await setLink(CONTAINER, "up");
    }
    assert.match(up.printed, new RegExp(`${slow} {2}lost the connection .*: no answer for \\d+ s`));
    // The server has ended its side, too. While the link comes up, connections to the published port are reset.
    await until(async () => !(await asleep().catch(() => true)), 15_000);

    writeFileSync(checkout.path("sql", DATABASE, slow), "select 1;\n");
    await checkout.npmOk("up");
    assert.deepEqual(await applied([slow]), [slow]);
  });
});
