import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { ArchivedStack } from "../support/archived-stack";
import { docker, named } from "../support/docker";
import { S3_KEYS, type S3Server, startS3 } from "../support/s3-server";

const STACK = "pr-1401";
/** Of the four in a row, and of those 10,000 above. */
const S3_PORT = 9_350;

describe("A stack with an archive of PostgreSQL's WAL", () => {
  let s3: S3Server;
  let stack: ArchivedStack;
  let between: Date;

  before(async function () {
    s3 = await startS3(this, S3_PORT);
    stack = new ArchivedStack(STACK, s3);
    await stack.npmOk("up");
  });
  after(async () => {
    await stack?.checkout.cleanUp(STACK);
    await s3?.remove();
  });

  it("makes a base backup by itself, and says so", async () => {
    const { backup, answered } = await stack.until((state) => state.backup !== null);
    assert.equal(answered, true);
    assert.match(await stack.npmOk("recover", "--list"), new RegExp(`${backup!.id}  ended `));
  });

  it("archives as a role that can read no row and no service's database", async () => {
    const rows = await stack.asAdministrator<{ name: string }>(
      `select r.rolname as name from pg_roles r where rolname = 'platform_backup' and not rolsuper and not rolreplication
         and not has_database_privilege(rolname, 'user_service_db', 'connect')
         and not pg_has_role(rolname, 'pg_read_all_data', 'usage')`,
    );
    assert.deepEqual(rows, [{ name: "platform_backup" }]);
  });

  it("shows the key to S3 in no container's description", async () => {
    const containers = await named("container", stack.prefix, STACK);
    assert.ok(containers.length > 0);
    assert.ok(!(await docker("inspect", ...containers)).includes(S3_KEYS.secret));
  });

  it("says that it is behind while S3 is away, and catches up by itself", async () => {
    await s3.stop();
    await stack.write("one");
    await stack.switchWal();
    const { waitingFiles } = await stack.until(({ error }) => error !== null);
    assert.ok(waitingFiles > 0);
    assert.match(await stack.npmOk("status"), /Archive of PostgreSQL's WAL:\n {2}base backup of /);
    await s3.start();
    // After three failures the server waits for a minute, or for the next file of WAL.
    await stack.switchWal();
    const { error } = await stack.until((state) => state.waitingFiles === 0);
    assert.equal(error, null);
  });

  it("refuses moments that lie ahead, or before the first base backup, and changes nothing", async () => {
    const started = () =>
      docker("inspect", "--format", "{{.State.StartedAt}}", `${stack.prefix}-postgres`);
    const before = await started();
    for (const [moment, reason] of [
      ["2999-01-01T00:00:00Z", /lies in the future: it is .* Nothing was changed\./],
      [
        "2020-01-01T00:00:00Z",
        /is before the first base backup, which ended at .* Nothing was changed\./,
      ],
    ] as const) {
      const { code, stderr } = await stack.npm("recover", "--to", moment, "--yes");
      assert.equal(code, 1);
      assert.match(stderr, reason);
    }
    assert.equal(await started(), before);
  });

  it("goes back to a moment between two rows, though a password was renewed since", async () => {
    await sleep(1_100);
    between = new Date();
    await sleep(1_100);
    await stack.write("two");
    await stack.npmOk("rotate", "user-service", "--yes");
    assert.deepEqual(await stack.marks(), ["one", "two"]);
    const printed = await stack.npmOk("recover", "--to", between.toISOString(), "--yes");
    assert.match(printed, /recovery stopping before commit of transaction/);
    // As the service, with the password that was renewed after the moment.
    assert.deepEqual(await stack.marks(), ["one"]);
  });

  it("is as the program says afterwards, and archives on a new timeline", async () => {
    assert.match(await stack.npmOk("up"), /^Plan for stack pr-1401: \d+ unchanged$/m);
    const { backup } = await stack.until((state) => state.backup?.timeline === 2);
    assert.equal(backup?.timeline, 2);
    await stack.until(({ waitingFiles }) => waitingFiles === 0);
  });

  it("keeps what was replaced until it is told to remove it", async () => {
    assert.match(await stack.npmOk("recover", "--list"), /Kept data: before-\d{8}T\d{6}Z/);
    await stack.npmOk("recover", "--discard", "--yes");
    assert.match(await stack.npmOk("recover", "--list"), /No recovery's data is kept\./);
  });

  it("leaves no container and no volume behind", async () => {
    await stack.npmOk("down");
    assert.deepEqual(await named("container", `${stack.prefix}-`, STACK), []);
    assert.deepEqual(await named("volume", `${stack.prefix}-`), []);
  });
});
