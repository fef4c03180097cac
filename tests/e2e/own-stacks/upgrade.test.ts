/** The drill `upgrade` has what takes longer: upgrades that fail, an archive of the WAL, and two versions at once. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

import { named } from "../support/docker";
import { laterImage } from "../support/postgres-images";
import { UpgradableStack, volumeName, Writer } from "../support/upgradable-stack";

const STACK = "upgrade";
const [OF_16, OF_17] = [16, 17].map((major) => volumeName(STACK, major));

describe("A stack whose PostgreSQL moves to a later major version", () => {
  let on: UpgradableStack;
  let writer: Writer;
  let image17: string;
  /** What was confirmed just before the upgrade that is taken back. */
  let atUpgrade: string[];

  before(async () => {
    image17 = await laterImage(17);
    on = new UpgradableStack(STACK);
    await on.configure("protect: true");
    writer = new Writer(on);
    await writer.goesOn();
  });
  after(async () => {
    await writer.stop();
    for (const kind of ["container", "volume", "network"] as const) {
      assert.deepEqual(await named(kind, on.prefix), []);
    }
  });

  it("refuses an image of another version on the data that is there", async () => {
    const file = on.checkout.path(`Pulumi.${STACK}.yaml`);
    const before = readFileSync(file, "utf8");
    on.settings("protect: true", `postgresImage: ${image17}`);
    assert.match(
      await on.refused("preview"),
      /is PostgreSQL 17, and postgresMajor is 16\. .*upgrade/,
    );
    on.settings("protect: true", `postgresImage: ${image17}`, "postgresMajor: 17");
    assert.match(
      await on.refused("up"),
      /volume \S+-postgres-data would be replaced .* PostgreSQL 16: .*npm run upgrade moves the data/,
    );
    on.settings("protect: true");
    assert.equal(readFileSync(file, "utf8"), before);
  });

  it("moves with all rows, roles and rights while clients wait", async () => {
    atUpgrade = [...writer.acknowledged];
    const printed = await on.upgrade("--postgres", image17);
    assert.match(printed, /content_service_db: \d+ tables, \d+ rows, \d+ migrations, as before/);
    assert.match(
      printed,
      new RegExp(`PostgreSQL is down .*; its data is then in the volume ${OF_17}`),
    );
    await writer.goesOn();
    assert.equal(await on.version(), 17);
    await on.hasEachOnce([...writer.acknowledged]);
    await on.isRight();
    assert.deepEqual(await on.volumes(), [OF_17, OF_16]);
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
    await on.upgrade("--back");
    await writer.goesOn();
    assert.equal(await on.version(), 16);
    const found = await on.rows();
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
    assert.deepEqual(await on.volumes(), [OF_17, OF_16]);
    assert.match(await on.refused("upgrade", "--back"), /keeps no data of before an upgrade/);
  });

  it("leaves no volume behind when it is destroyed, of either version", async () => {
    await writer.stop();
    const file = on.checkout.path(`Pulumi.${STACK}.yaml`);
    const settings = readFileSync(file, "utf8");
    writeFileSync(file, settings.replace("protect: true", "protect: false"));
    await on.checkout.npmOk("up", ["--stack", STACK]);
    await on.checkout.cleanUp(STACK);
    assert.deepEqual(await on.volumes(), []);
  });
});
