import assert from "node:assert/strict";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";

import { Checkout } from "../support/checkout";
import { type Outputs, withDatabase, withRedis } from "../support/clients";
import { named } from "../support/docker";
import { readOutputs } from "../support/hooks";
import { generatedSecrets } from "../support/passwords";
import { until } from "../support/running";
import { filesBelow } from "../support/sightings";

const STACK = "backup";
const SERVICE = "user-service";
const KEY = `${SERVICE}:session:1`;

describe("A backup", () => {
  let checkout: Checkout;
  /** Outside of the checkout: backups, and the private key. */
  let outside: string;
  let original: Outputs;
  let secrets: string[];

  const npm = (command: string, ...args: string[]) =>
    checkout.npm(command, [...args, "--stack", STACK]);
  const ok = (command: string, ...args: string[]) =>
    checkout.npmOk(command, [...args, "--stack", STACK]);
  const identity = () => ["--identity", join(outside, "key")];
  const stored = () => readdirSync(join(outside, "backups", STACK)).sort();
  const last = () => join(outside, "backups", STACK, stored().at(-1)!);

  const urlOf = ({ services }: Outputs, service = SERVICE) => services[service].database.url;
  const emails = async (outputs: Outputs) =>
    withDatabase(urlOf(outputs), async (client) => {
      const { rows } = await client.query<{ email: string }>("select email from users order by 1");
      return rows.map(({ email }) => email);
    });
  const addUser = (outputs: Outputs, email: string) =>
    withDatabase(urlOf(outputs), (client) =>
      client.query(
        "insert into users (email, password_hash, first_name, last_name) values ($1, 'x', 'A', 'B')",
        [email],
      ),
    );
  const databases = (outputs: Outputs, pattern = "user_service%") => {
    const { username, password } = outputs.administrators.postgres;
    const { host, port } = outputs.services[SERVICE].database;
    return withDatabase(
      `postgres://${username}:${password}@${host}:${port}/postgres`,
      async (client) => {
        const { rows } = await client.query<{ name: string }>(
          "select datname as name from pg_database where datname like $1 order by 1",
          [pattern],
        );
        return rows.map(({ name }) => name);
      },
    );
  };

  before(async () => {
    checkout = new Checkout();
    outside = mkdtempSync(join(tmpdir(), "learning-platform-e2e-backups-"));
    const made = await checkout.npmOk("backup", ["--new-key", join(outside, "key")]);
    const recipient = /backupRecipient: (age1\S+)/.exec(made)![1];
    const settings = [
      ...["protect: false", "fsync: false", "console: false"],
      ...[`backupTo: ${join(outside, "backups")}`, `backupRecipient: ${recipient}`],
      ...["backupEveryHours: 24", "backupKeep: 1"],
    ];
    const lines = settings.map((line) => `  learning-platform:${line}\n`).join("");
    writeFileSync(checkout.path(`Pulumi.${STACK}.yaml`), `config:\n${lines}`);
    await ok("up");
    original = await readOutputs(checkout, STACK);
    await addUser(original, "first@example.org");
    await withRedis(original.services[SERVICE].session!.url, (redis) =>
      redis.set(KEY, "logged in", { expiration: { type: "EX", value: 7_200 } }),
    );
  });
  after(async () => {
    await checkout.cleanUp(STACK);
    rmSync(outside, { recursive: true, force: true });
  });

  it("is asked for by status until there is one, and then is not due", async () => {
    assert.match(await ok("status"), /no good backup of every database yet/);
    await ok("backup", "--due");
    const again = await ok("backup", "--due");
    assert.match(again, /^No backup is due before /m);
    assert.match(await ok("status"), /last good backup \d{4}-.*Z$/m);
    assert.equal(stored().length, 1);
  });

  it("holds no secret in clear, and only its owner can read it", async () => {
    const { passwords } = await generatedSecrets(checkout, STACK);
    secrets = passwords.map(({ text }) => text);
    const files = filesBelow(join(outside, "backups"));
    assert.ok(files.length > 5);
    for (const { path, content } of files) {
      assert.ok(!secrets.some((secret) => content.includes(secret)), path);
      assert.ok(!content.includes("first@example.org"), path);
      assert.equal(statSync(path).mode & 0o077, 0, path);
    }
    assert.equal(statSync(join(outside, "key")).mode & 0o777, 0o600);
  });

  it("takes the place of older ones, as many as are kept", async () => {
    const [first] = stored();
    await ok("backup");
    assert.equal(stored().length, 1);
    assert.notEqual(stored()[0], first);
  });

  it("is restored into throw-away servers by a drill, which leaves nothing", async () => {
    const printed = await ok("restore", "--drill", ...identity());
    assert.match(printed, /database user_service_db: 1 rows, \d+ migrations, as backed up/);
    assert.match(printed, /sessions of user-service: 1 keys/);
    assert.deepEqual(await named("container", "learning-platform-drill-"), []);
  });

  const broken: [what: string, harm: (folder: string) => void, message: RegExp][] = [
    [
      "that is cut off",
      (folder) => truncateSync(join(folder, "user-service.dump.age"), 1_000),
      /user-service\.dump\.age has 1000 bytes, and should have \d+/,
    ],
    [
      "with another byte",
      (folder) => {
        const file = join(folder, "stack.state.age");
        const content = readFileSync(file);
        content[content.length - 20] ^= 1;
        writeFileSync(file, content);
      },
      /stack\.state\.age is not what was written/,
    ],
    [
      "without its end",
      (folder) => rmSync(join(folder, "manifest.json")),
      /is no backup: it has no manifest\.json/,
    ],
    ["of a newer format", changed({ format: 2 }), /has format 2, and this program reads/],
    ["of another stack", changed({ stack: "other" }), /is a backup of stack other, not of backup/],
    ["of another project", changed({ project: "other" }), /is one of the project other/],
  ];
  for (const [what, harm, message] of broken) {
    it(`${what} is refused before anything is touched`, async () => {
      const folder = join(outside, "broken");
      cpSync(last(), folder, { recursive: true });
      try {
        harm(folder);
        await assertRefused(message, folder);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  it("is refused with another private key", async () => {
    await checkout.npmOk("backup", ["--new-key", join(outside, "other")]);
    const { code, stderr } = await npm("restore", "--yes", "--identity", join(outside, "other"));
    assert.equal(code, 1);
    assert.match(stderr, /cannot be decrypted: no identity matched/);
  });

  async function assertRefused(message: RegExp, folder: string): Promise<void> {
    const { code, stderr } = await npm("restore", folder, "--yes", ...identity());
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.deepEqual(await databases(original), ["user_service_db"]);
  }

  it("brings a destroyed stack back: rows, sessions, passwords and ledgers", async () => {
    await ok("down");
    const [printed] = await Promise.all([
      ok("restore", "latest", ...identity()),
      // Services have their old passwords again, and connect before the restore has ended.
      until(
        async () => (await databases(original, "%_restoring").catch(() => [])).length > 0,
        300_000,
      ).then(() => addUser(original, "meanwhile@example.org")),
    ]);
    const outputs = await readOutputs(checkout, STACK);
    assert.deepEqual(outputs.services, original.services);
    assert.deepEqual(outputs.administrators, original.administrators);
    assert.deepEqual(await emails(outputs), ["first@example.org"]);
    const [value, seconds] = await withRedis(outputs.services[SERVICE].session!.url, (redis) =>
      Promise.all([redis.get(KEY), redis.ttl(KEY)]),
    );
    assert.equal(value, "logged in");
    assert.ok(seconds > 0 && seconds < 7_200, `${seconds}`);
    assert.match(await ok("up"), /^Plan for stack backup: \d+ unchanged$/m);
    assert.match(await ok("migrations", "status"), /user_service_db/);
    const [, kept] = /Those rows are kept in (user_service_db_before_\d{12})\./.exec(printed)!;
    assert.deepEqual(await databases(outputs), ["user_service_db", kept]);
    await ok("restore", "--drop-old", "--yes");
    assert.deepEqual(await databases(outputs), ["user_service_db"]);
  });

  it("restores one service beside a running one, and asks before", async () => {
    await addUser(original, "second@example.org");
    const refused = await npm("restore", "--service", SERVICE, ...identity());
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /Add --yes to do what is shown above/);
    assert.equal((await emails(original)).length, 2);

    const client = new Client({ connectionString: urlOf(original) });
    client.on("error", () => undefined);
    await client.connect();
    await ok("restore", "--service", SERVICE, "--yes", ...identity());
    await assert.rejects(client.query("select 1"), "its session is on the database of before");
    assert.deepEqual(await emails(original), ["first@example.org"]);
    const [, kept] = await databases(original);
    assert.match(kept, /^user_service_db_before_\d{12}$/);
    assert.match(await ok("up"), /^Plan for stack backup: \d+ unchanged$/m);
  });

  it("is taken back by one command, and what was replaced is dropped by another", async () => {
    await ok("restore", "--back", "--yes");
    assert.deepEqual(await emails(original), ["first@example.org", "second@example.org"]);
    await ok("restore", "--drop-old", "--yes");
    assert.deepEqual(await databases(original), ["user_service_db"]);
  });

  it("that fails leaves no manifest, and says why", async () => {
    const count = stored().length;
    writeFileSync(join(outside, "file"), "");
    const { code, stderr } = await npm("backup", "--to", join(outside, "file", "below"));
    assert.equal(code, 1);
    assert.match(stderr, /was not written: ENOTDIR/);
    assert.equal(stored().length, count);
  });
});

/** Replaces values of a manifest. */
function changed(values: object): (folder: string) => void {
  return (folder) => {
    const file = join(folder, "manifest.json");
    const manifest = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...manifest, ...values }));
  };
}
