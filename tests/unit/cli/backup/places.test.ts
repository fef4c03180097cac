import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { setImmediate, setTimeout } from "node:timers/promises";

import { createIdentity, decrypted, encrypted, readIdentity } from "../../../../cli/backup/age";
import { listBackups, removeBackup } from "../../../../cli/backup/list";
import { Meter, sizeText } from "../../../../cli/backup/meter";
import { openPlace } from "../../../../cli/backup/places/open-place";
import { readText } from "../../../../cli/backup/places/place";
import { s3Settings } from "../../../../cli/backup/places/s3";

describe("A place of backups", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "learning-platform-places-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (file: string, text = "x") =>
    openPlace(folder).write(file, Readable.from([Buffer.from(text)]));

  it("writes whole files that only their owner can read", async () => {
    await write("dev/20261127T115301Z/a.dump.age", "text");
    const file = join(folder, "dev", "20261127T115301Z", "a.dump.age");
    assert.equal(readFileSync(file, "utf8"), "text");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, "dev")).mode & 0o777, 0o700);
  });

  it("has nothing of a file whose source fails", async () => {
    const fails = Readable.from(
      (function* () {
        yield Buffer.from("half");
        throw new Error("no more");
      })(),
    );
    await assert.rejects(openPlace(folder).write("dev/a", fails), /no more/);
    assert.deepEqual(readdirSync(join(folder, "dev")), []);
  });

  it("says why a file cannot be written", async () => {
    await write("dev");
    await assert.rejects(write("dev/below/a"), {
      name: "FaultError",
      message: /was not written: ENOTDIR/,
    });
  });

  it("tells whole backups from what an interrupted run left, and from other folders", async () => {
    await write("dev/20261127T115301Z/manifest.json");
    await write("dev/20261127T125301Z/a.dump.age");
    await write("dev/other/manifest.json");
    const found = await listBackups(openPlace(folder), "dev");
    assert.deepEqual(
      found.map(({ folder: name, isWhole }) => [name, isWhole]),
      [
        ["dev/20261127T115301Z", true],
        ["dev/20261127T125301Z", false],
      ],
    );
    await removeBackup(openPlace(folder), found[0]);
    assert.deepEqual(readdirSync(join(folder, "dev")), ["20261127T125301Z", "other"]);
    assert.deepEqual(await listBackups(openPlace(folder), "staging"), []);
  });

  it("refuses a text that is longer than it may be", async () => {
    await write("dev/a", "12345");
    await assert.rejects(readText(openPlace(folder), "dev/a", 4), /longer than 4 bytes/);
  });

  it("is a folder or a bucket", () => {
    assert.equal(openPlace("s3://bucket/a/b/").title, "s3://bucket/a/b");
    assert.equal(openPlace("s3://bucket").title, "s3://bucket");
    assert.throws(() => openPlace("ftp://server/a"), /not to ftp:/);
  });
});

describe("The client of S3", () => {
  it("puts the bucket into the path for a server that is named, and needs no region there", () => {
    const settings = s3Settings({ AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
    assert.equal(settings.forcePathStyle, true);
    assert.equal(settings.region, "us-east-1");
  });
  it("leaves the region to Amazon's own settings", () => {
    assert.equal(s3Settings({}).forcePathStyle, undefined);
    assert.equal(s3Settings({}).region, undefined);
    assert.equal(s3Settings({ AWS_DEFAULT_REGION: "eu-central-1" }).region, "eu-central-1");
  });
  it("sends only the checksums that a request needs, which other servers know", () => {
    assert.equal(s3Settings({}).requestChecksumCalculation, "WHEN_REQUIRED");
  });
});

describe("The encryption of backups", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "learning-platform-age-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const contentOf = async (stream: Readable) => {
    const parts: Buffer[] = [];
    for await (const part of stream) {
      parts.push(Buffer.from(part as Uint8Array));
    }
    return Buffer.concat(parts);
  };
  const LONG = Buffer.alloc(200_000, "0123456789");

  async function sealed(recipient: string): Promise<Buffer> {
    return contentOf(await encrypted(Readable.from([LONG]), recipient));
  }

  it("gives back what was encrypted, to the private key alone", async () => {
    const key = join(folder, "key");
    const content = await sealed(await createIdentity(key));
    assert.ok(content.toString("latin1").startsWith("age-encryption.org/v1\n"));
    assert.ok(!content.includes("0123456789"));
    const opened = await decrypted(Readable.from([content]), readIdentity(key), "f");
    assert.ok((await contentOf(opened)).equals(LONG));
    const other = join(folder, "other");
    await createIdentity(other);
    await assert.rejects(
      decrypted(Readable.from([content]), readIdentity(other), "f"),
      /f cannot be decrypted: no identity matched/,
    );
  });

  it("notices what was cut off or changed", async () => {
    const key = join(folder, "key");
    const content = await sealed(await createIdentity(key));
    const read = async (bytes: Buffer) =>
      contentOf(await decrypted(Readable.from([bytes]), readIdentity(key), "f"));
    await assert.rejects(read(content.subarray(0, -100)));
    content[content.length - 100] ^= 1;
    await assert.rejects(read(content));
  });

  it("lets a file that is being written or read go at any moment", async () => {
    const key = join(folder, "key");
    const recipient = await createIdentity(key);
    const content = await sealed(recipient);
    const inChunks = (bytes: Buffer) => {
      const stream = new PassThrough();
      for (let at = 0; at < bytes.length; at += 16_384) {
        stream.write(bytes.subarray(at, at + 16_384));
      }
      stream.end();
      return stream;
    };
    for (let turns = 0; turns < 5; turns += 1) {
      const written = inChunks(LONG);
      const read = inChunks(content);
      const results = [
        await encrypted(written, recipient),
        await decrypted(read, readIdentity(key), "f"),
      ];
      for (let turn = 0; turn < turns; turn += 1) {
        await setImmediate();
      }
      results.forEach((result) => result.destroy());
      await setTimeout(10);
      assert.deepEqual([written.destroyed, read.destroyed], [true, true]);
    }
  });

  it("writes a private key once, for its owner alone", async () => {
    const key = join(folder, "key");
    const recipient = await createIdentity(key);
    assert.match(recipient, /^age1[a-z0-9]{58}$/);
    assert.equal(statSync(key).mode & 0o777, 0o600);
    await assert.rejects(createIdentity(key), /exists already/);
    writeFileSync(key, "AGE-SECRET-KEY-1A\nAGE-SECRET-KEY-1B\n");
    assert.throws(() => readIdentity(key), /is no identity of age/);
    assert.throws(() => readIdentity(join(folder, "none")), /cannot be read/);
  });
});

describe("The size of what is written", () => {
  it("is counted with its SHA-256 while it passes", async () => {
    const meter = new Meter();
    Readable.from([Buffer.from("ab"), Buffer.from("c")]).pipe(meter);
    for await (const part of meter) {
      assert.ok(part);
    }
    const sha256 = createHash("sha256").update("abc").digest("hex");
    assert.deepEqual(meter.result(), { bytes: 3, sha256 });
  });
  it("is shown in a unit that fits", () => {
    assert.deepEqual([0, 1023, 1536, 5 * 1024 ** 3].map(sizeText), [
      ...["0 B", "1023 B", "1.5 KiB", "5.0 GiB"],
    ]);
  });
});
