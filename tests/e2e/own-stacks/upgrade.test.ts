import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { Report } from "../../../cli/verify/report";
import { docker, named } from "../support/docker";
import { laterImage } from "../support/postgres-images";
import { ReplicatedStack } from "../support/replicated-stack";
import { Running, until } from "../support/running";

const STACK = "upgrade";
const PREFIX = `learning-platform-${STACK}`;
const SERVER = `${PREFIX}-postgres`;
const [OF_16, OF_17, OF_18] = ["postgres", "postgres-17", "postgres-18"].map(
  (role) => `${PREFIX}-${role}-data`,
);

/** A client that goes on through every outage, and writes each row until the server has said that it has it. */
class Writer {
  /** Titles of the rows that the server has confirmed, in order. */
  public readonly acknowledged: string[] = [];
  private isOver = false;
  private readonly end: Promise<void>;

  constructor(on: ReplicatedStack) {
    this.end = this.write(on);
  }

  private async write(on: ReplicatedStack): Promise<void> {
    for (let number = 0; !this.isOver; number += 1) {
      const title = `row ${String(number).padStart(5, "0")}`;
      await on.write(title).then(
        () => this.acknowledged.push(title),
        () => undefined,
      );
      // Each row is a login of its own, which takes processor time.
      await sleep(500);
    }
  }

  /** Waits for a further row, so that the server answers again. */
  public async goesOn(): Promise<void> {
    const before = this.acknowledged.length;
    await until(() => this.acknowledged.length > before, 60_000);
  }

  public async stop(): Promise<void> {
    this.isOver = true;
    await this.end;
  }
}

describe("A stack whose PostgreSQL moves to a later major version", () => {
  let on: ReplicatedStack;
  let writer: Writer;
  let image17: string;
  let image18: string;
  /** What was confirmed just before the upgrade that is taken back. */
  let atUpgrade: string[];

  const upgrade = (...args: string[]) =>
    on.checkout.npmOk("upgrade", [...args, "--yes", "--stack", STACK]);
  const refused = async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await on.checkout.npm(command, [...args, "--stack", STACK]);
    assert.equal(code, 1, stdout);
    return stderr;
  };
  const version = async () => {
    const [{ major }] = await on.query<{ major: number }>(
      on.administrator(),
      "select current_setting('server_version_num')::int / 10000 as major",
    );
    return major;
  };
  const volumes = () => named("volume", `${PREFIX}-postgres`);
  /** How often each row is in the table that is named so. */
  const rows = async () => {
    const titles = await on.titles(on.app());
    const found = new Map<string, number>();
    titles.forEach((title) => found.set(title, (found.get(title) ?? 0) + 1));
    return found;
  };
  const hasEachOnce = async (titles: readonly string[]) => {
    const found = await rows();
    assert.deepEqual(
      titles.filter((title) => found.get(title) !== 1),
      [],
    );
  };
  const isRight = async () => {
    const { stdout } = await on.checkout.npm("verify", ["--stack", STACK, "--json"]);
    const { lines } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      lines.filter(({ verdict }) => verdict !== "right"),
      [],
    );
  };

  before(async () => {
    [image17, image18] = [await laterImage(17), await laterImage(18)];
    on = new ReplicatedStack(STACK);
    await on.configure("protect: true");
    writer = new Writer(on);
    await writer.goesOn();
  });
  after(async () => {
    await writer.stop();
    for (const kind of ["container", "volume", "network"] as const) {
      assert.deepEqual(await named(kind, PREFIX), []);
    }
  });

  it("refuses an image of another version on the data that is there", async () => {
    const file = on.checkout.path(`Pulumi.${STACK}.yaml`);
    const before = readFileSync(file, "utf8");
    on.settings("protect: true", `postgresImage: ${image17}`);
    assert.match(await refused("preview"), /is PostgreSQL 17, and postgresMajor is 16\. .*upgrade/);
    on.settings("protect: true", `postgresImage: ${image17}`, "postgresMajor: 17");
    assert.match(
      await refused("up"),
      /volume \S+-postgres-data would be replaced .* PostgreSQL 16: .*npm run upgrade moves the data/,
    );
    on.settings("protect: true");
    assert.equal(readFileSync(file, "utf8"), before);
  });

  it("stays as it is where the copying fails, and where it is killed", async () => {
    const run = new Running(on.checkout, STACK, ["upgrade", "--postgres", image17, "--yes"]);
    await run.hasPrinted(/Copying database/);
    await docker("rm", "-f", `${SERVER}-upgrade-to`);
    assert.equal(await run.exitCode(), 1);
    assert.match(run.printed, /PostgreSQL 16 was started again with its data/);
    await writer.goesOn();
    assert.deepEqual(await volumes(), [OF_16]);

    const killed = new Running(on.checkout, STACK, ["upgrade", "--postgres", image17, "--yes"]);
    await killed.hasPrinted(/Copying database/);
    await killed.killAlone();
    await until(async () => (await named("container", `${SERVER}-upgrade`)).length === 0);
    await on.checkout.npmOk("up", ["--stack", STACK]);
    await writer.goesOn();
    assert.equal(await version(), 16);
    await hasEachOnce([...writer.acknowledged]);
    assert.match(await refused("upgrade", "--postgres", image17), /interrupted\. Remove it/);
    await upgrade("--discard");
    assert.deepEqual(await volumes(), [OF_16]);
  });

  it("moves with all rows, roles and rights while clients wait", async () => {
    atUpgrade = [...writer.acknowledged];
    const printed = await upgrade("--postgres", image17);
    assert.match(printed, /content_service_db: \d+ tables, \d+ rows, \d+ migrations, as before/);
    assert.match(
      printed,
      new RegExp(`PostgreSQL is down .*; its data is then in the volume ${OF_17}`),
    );
    await writer.goesOn();
    assert.equal(await version(), 17);
    await hasEachOnce([...writer.acknowledged]);
    await isRight();
    assert.deepEqual(await volumes(), [OF_17, OF_16]);
    const file = readFileSync(on.checkout.path(`Pulumi.${STACK}.yaml`), "utf8");
    assert.ok(file.includes(`learning-platform:postgresImage: ${image17}\n`), file);
    assert.ok(file.includes("learning-platform:postgresMajor: 17\n"), file);
    assert.match(
      await on.checkout.npmOk("preview", ["--stack", STACK]),
      /^Plan for stack upgrade: \d+ unchanged$/m,
    );
  });

  it("goes back to the data that it had, with the passwords and migrations that the stack has now", async () => {
    const before = [...writer.acknowledged];
    await writer.goesOn();
    const since = writer.acknowledged.slice(before.length);
    const file = "sql/content_service_db/0004_since_the_upgrade.sql";
    writeFileSync(
      on.checkout.path(file),
      "create table since_the_upgrade (id bigint primary key);\n",
    );
    await on.checkout.npmOk("up", ["--stack", STACK]);
    await on.checkout.npmOk("rotate", ["content-service", "--yes", "--stack", STACK]);
    await on.read();
    await upgrade("--back");
    await writer.goesOn();
    assert.equal(await version(), 16);
    const found = await rows();
    assert.deepEqual(
      since.filter((title) => found.has(title)),
      [],
    );
    assert.deepEqual(
      atUpgrade.filter((title) => found.get(title) !== 1),
      [],
    );
    const table = "select to_regclass('public.since_the_upgrade') is not null as made";
    assert.deepEqual(await on.query(on.administrator(on.app().name), table), [{ made: true }]);
    assert.deepEqual(await volumes(), [OF_17, OF_16]);
    assert.match(await refused("upgrade", "--back"), /keeps no data of before an upgrade/);
  });

  it("moves over two versions, to an image that has its data elsewhere", async () => {
    const before = writer.acknowledged.length;
    await writer.goesOn();
    await upgrade("--postgres", image18);
    await writer.goesOn();
    assert.equal(await version(), 18);
    await hasEachOnce(writer.acknowledged.slice(before));
    await isRight();
    assert.match(
      await refused("upgrade", "--postgres", image17),
      /PostgreSQL 17\. Stack upgrade has 18/,
    );
    await upgrade("--discard");
    assert.deepEqual(await volumes(), [OF_18]);
  });

  it("leaves no volume behind when it is destroyed", async () => {
    await writer.stop();
    await docker("volume", "create", ...(await labelsOf(OF_18)), OF_16);
    const file = on.checkout.path(`Pulumi.${STACK}.yaml`);
    const settings = readFileSync(file, "utf8");
    writeFileSync(file, settings.replace("protect: true", "protect: false"));
    await on.checkout.npmOk("up", ["--stack", STACK]);
    await on.checkout.cleanUp(STACK);
    assert.deepEqual(await volumes(), []);
  });

  /** Options that give a new volume the labels of another one. */
  async function labelsOf(volume: string): Promise<string[]> {
    const text = await docker("volume", "inspect", "--format", "{{json .Labels}}", volume);
    return Object.entries(JSON.parse(text) as Record<string, string>).flatMap(([name, value]) => [
      ...["--label", `${name}=${value}`],
    ]);
  }
});
