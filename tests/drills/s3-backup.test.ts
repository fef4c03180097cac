/** Backups on an S3 server: moto, from PyPI, which is a stand-in of S3. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";

import { listBackups, removeBackup } from "../../cli/backup/list";
import { openPlace } from "../../cli/backup/places/open-place";
import { type Place } from "../../cli/backup/places/place";
import { FaultError } from "../../cli/fault";
import { startMoto } from "./support/moto";

const PORT = 28_341;
const BUCKET = "backups";

describe("A place of backups on S3", () => {
  const environment = { ...process.env };
  let place: Place;
  let stop: (() => Promise<void>) | undefined;

  before(async function () {
    const server = await startMoto(PORT, BUCKET);
    if (server === undefined) {
      this.skip();
    }
    ({ stop } = server);
    Object.assign(process.env, server.login, { AWS_ENDPOINT_URL: server.endpoint });
    place = openPlace(`s3://${BUCKET}/learning-platform`);
  });
  after(async () => {
    await stop?.();
    process.env = environment;
  });

  const write = (file: string, content: Buffer) => place.write(file, Readable.from([content]));
  async function read(file: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of await place.read(file)) {
      parts.push(part as Buffer);
    }
    return Buffer.concat(parts);
  }

  it("gives back what was written, also in several parts", async () => {
    // More than two parts of an upload.
    const content = randomBytes(40 * 1024 * 1024);
    await write("dev/20261127T115301Z/user-service.dump.age", content);
    assert.ok((await read("dev/20261127T115301Z/user-service.dump.age")).equals(content));
  }).timeout(120_000);

  it("tells whole backups from others, and removes one", async () => {
    await write("dev/20261127T115301Z/manifest.json", Buffer.from("{}"));
    await write("dev/20261127T125301Z/a.dump.age", Buffer.from("x"));
    await write("staging/20261127T125301Z/manifest.json", Buffer.from("{}"));
    const found = await listBackups(place, "dev");
    assert.deepEqual(
      found.map(({ folder, isWhole }) => [folder, isWhole]),
      [
        ["dev/20261127T115301Z", true],
        ["dev/20261127T125301Z", false],
      ],
    );
    await removeBackup(place, found[0]);
    assert.deepEqual(await place.folders("dev"), ["20261127T125301Z"]);
  });

  it("has nothing of a file whose source fails", async () => {
    const fails = Readable.from(
      (function* () {
        yield randomBytes(20 * 1024 * 1024);
        throw new FaultError(["pg_dump failed"]);
      })(),
    );
    await assert.rejects(place.write("dev/20261127T135301Z/a.dump.age", fails), /pg_dump failed/);
    assert.deepEqual(await place.files("dev/20261127T135301Z"), []);
  }).timeout(60_000);

  it("says which file or bucket is missing", async () => {
    await assert.rejects(place.read("dev/none"), /NoSuchKey/);
    await assert.rejects(openPlace("s3://nowhere").folders("dev"), /NoSuchBucket/);
  });
});
