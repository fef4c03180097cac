/** What the suite's upgrade has no time for: one that fails, one that is killed, two versions at once, and an archive of WAL. */
import assert from "node:assert/strict";

import { readArchiveState } from "../../cli/recover/state";
import { archiveOn } from "../e2e/support/archived-stack";
import { docker, named } from "../e2e/support/docker";
import { laterImage } from "../e2e/support/postgres-images";
import { until } from "../e2e/support/running";
import { type S3Server, startS3 } from "../e2e/support/s3-server";
import { UpgradableStack, volumeName, Writer } from "../e2e/support/upgradable-stack";

const STACK = "upgraded";
/** Of the four in a row, and of those 10,000 above. */
const S3_PORT = 9_370;
const [OF_16, OF_18] = [16, 18].map((major) => volumeName(STACK, major));
/** A base backup on a busy machine. */
const BACKUP_MS = 180_000;

describe("A stack with an archive of WAL, whose PostgreSQL moves to a later major version", () => {
  let s3: S3Server;
  let on: UpgradableStack;
  let writer: Writer;

  before(async function () {
    s3 = await startS3(this, S3_PORT);
    on = new UpgradableStack(STACK);
    await on.configure("protect: false", `walArchive: ${JSON.stringify(archiveOn(s3))}`);
    writer = new Writer(on);
    await writer.goesOn();
  });
  after(async () => {
    await writer?.stop();
    await on?.checkout.cleanUp(STACK);
    await s3?.remove();
  });

  /** Waits until the archive has a base backup of the server that runs, and all of its WAL. */
  const isArchived = () =>
    until(async () => {
      const state = await readArchiveState(`${on.prefix}-wal-archiver`);
      return state !== undefined && state.backup !== null && state.waitingFiles === 0;
    }, BACKUP_MS);

  /** Loses rows, and has the archive bring them back. */
  async function comesBackFromArchive(): Promise<void> {
    const before = [...(await on.rows()).keys()];
    const moment = new Date();
    await writer.goesOn();
    await on.query(on.app(), "delete from generated_content");
    await on.checkout.npmOk("recover", ["--to", moment.toISOString(), "--yes", "--stack", STACK]);
    await on.hasEachOnce(before);
    await on.checkout.npmOk("recover", ["--discard", "--yes", "--stack", STACK]);
    await writer.goesOn();
  }

  it("stays as it is where the copying fails", async () => {
    await isArchived();
    const run = on.runningUpgrade("--postgres", await laterImage(17));
    await run.hasPrinted(/Copying database/);
    await docker("rm", "-f", `${on.prefix}-postgres-upgrade-to`);
    assert.equal(await run.exitCode(), 1);
    assert.match(run.printed, /PostgreSQL 16 was started again with its data/);
    await writer.goesOn();
    assert.deepEqual(await on.volumes(), [OF_16]);
  });

  it("stays as it is where the command is killed", async () => {
    const image17 = await laterImage(17);
    const killed = on.runningUpgrade("--postgres", image17);
    await killed.hasPrinted(/Copying database/);
    await killed.killAlone();
    await until(
      async () => (await named("container", `${on.prefix}-postgres-upgrade`)).length === 0,
      60_000,
    );
    await on.checkout.npmOk("up", ["--stack", STACK]);
    await writer.goesOn();
    assert.equal(await on.version(), 16);
    await on.hasEachOnce([...writer.acknowledged]);
    assert.match(await on.refused("upgrade", "--postgres", image17), /interrupted\. Remove it/);
    await on.upgrade("--discard");
    assert.deepEqual(await on.volumes(), [OF_16]);
  });

  it("has an archive of the later version, which brings lost rows back", async () => {
    await on.upgrade("--postgres", await laterImage(17));
    await writer.goesOn();
    assert.equal(await on.version(), 17);
    await on.hasEachOnce([...writer.acknowledged]);
    await isArchived();
    await on.isRight();
    await comesBackFromArchive();
    assert.equal(await on.version(), 17);
  });

  it("goes on with the archive of the earlier version once it is taken back", async () => {
    await on.upgrade("--back");
    await writer.goesOn();
    assert.equal(await on.version(), 16);
    await isArchived();
    await on.isRight();
    await comesBackFromArchive();
    await on.upgrade("--discard");
    assert.deepEqual(await on.volumes(), [OF_16]);
  });

  it("moves over two versions, to an image that has its data elsewhere", async () => {
    const before = writer.acknowledged.length;
    await writer.goesOn();
    await on.upgrade("--postgres", await laterImage(18));
    await writer.goesOn();
    assert.equal(await on.version(), 18);
    await on.hasEachOnce(writer.acknowledged.slice(before));
    await isArchived();
    await on.isRight();
    await comesBackFromArchive();
    assert.match(
      await on.refused("upgrade", "--postgres", await laterImage(17)),
      /PostgreSQL 17\. Stack upgraded has 18/,
    );
    assert.deepEqual(await on.volumes(), [OF_18, OF_16]);
  });

  it("leaves no volume behind when it is destroyed", async () => {
    await writer.stop();
    await on.checkout.npmOk("down", ["--stack", STACK]);
    assert.deepEqual(await on.volumes(), []);
  });
});
