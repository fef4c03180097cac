import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";

import { Checkout } from "../support/checkout";
import { readOutputs } from "../support/hooks";
import { type GeneratedSecret, generatedSecrets } from "../support/passwords";
import { CommandLines, filesBelow, toldByDocker } from "../support/sightings";

const STACK = "secrets";
/** 12 of database roles, 6 of Redis users, 6 of broker users, and 4 of administrators. */
const PASSWORDS = 28;
/** One of the authority and four of servers. */
const PRIVATE_KEYS = 5;

describe("The secrets of a stack", () => {
  let checkout: Checkout;
  /** Folder for the temporary files of all commands in these tests. */
  let temporary: string;
  /** Secrets by their text, including renewed ones. */
  const secrets = new Map<string, GeneratedSecret>();
  /** The output of each command, and all process command lines that were visible during it. */
  const printed: Record<string, string> = {};

  before(() => {
    checkout = new Checkout();
    temporary = mkdtempSync(join(tmpdir(), "learning-platform-e2e-temporary-"));
    writeFileSync(
      checkout.path(`Pulumi.${STACK}.yaml`),
      "config:\n  learning-platform:protect: false\n  learning-platform:tls: true\n",
    );
  });
  after(async () => {
    await checkout.cleanUp(STACK);
    rmSync(temporary, { recursive: true, force: true });
  });

  const remember = async () => {
    const { passwords, privateKeys } = await generatedSecrets(checkout, STACK);
    [...passwords, ...privateKeys].forEach((secret) => secrets.set(secret.text, secret));
    return { passwords, privateKeys };
  };

  /** Names of the secrets that a text contains. */
  const leaksIn = (text: string) =>
    [...secrets.values()].filter((secret) => text.includes(secret.text)).map(({ urn }) => urn);

  /** Runs a command and records everything that was visible. */
  async function watched(
    what: string,
    act: () => Promise<{ code: number; stdout: string; stderr: string }>,
  ): Promise<number> {
    const commands = new CommandLines();
    const { code, stdout, stderr } = await act();
    printed[what] = stdout + stderr;
    printed[`${what}, as a list of processes`] = commands.stop();
    return code;
  }

  const npm = (command: string, ...args: string[]) =>
    checkout.npm(command, [...args, "--stack", STACK], { TMPDIR: temporary });
  const pulumi = (command: string, ...args: string[]) =>
    checkout.pulumi(
      command,
      "--stack",
      STACK,
      "--config-file",
      checkout.path(".platform", `Pulumi.${STACK}.yaml`),
      ...args,
    );

  /** Searches all recorded output for every secret. */
  async function assertHidden(): Promise<void> {
    const outputs = await checkout.pulumi("stack", "output", "--json", "--stack", STACK);
    const exported = await checkout.pulumi("stack", "export", "--stack", STACK);
    const places: Record<string, string> = {
      ...printed,
      "the outputs": outputs.stdout,
      "the exported state": exported.stdout,
      Docker: await toldByDocker(STACK),
    };
    const files = [checkout.path(".platform"), temporary].flatMap((folder) => filesBelow(folder));
    for (const { path, content } of files) {
      places[path] = content;
    }
    // The engine's own folder contains plugins of hundreds of megabytes. No run writes them.
    const logs = join(homedir(), ".pulumi", "logs");
    mkdirSync(logs, { recursive: true });
    filesBelow(logs).forEach(({ path, content }) => (places[path] = content));
    for (const [place, text] of Object.entries(places)) {
      assert.deepEqual(leaksIn(text), [], place);
    }
    for (const place of ["the outputs", "the exported state", "Docker"]) {
      assert.ok(places[place].length > 200, `there is something to look through in ${place}`);
    }
    assert.match(places.Docker, /database system is ready to accept connections/, "logs are seen");
    assert.ok(
      files.some(({ path }) => path.endsWith(`${STACK}.json`)),
      "the state file is seen",
    );
  }

  it("are generated and all different", async () => {
    assert.equal(await watched("up", () => npm("up")), 0, printed.up);
    const { passwords, privateKeys } = await remember();
    assert.equal(passwords.length, PASSWORDS);
    assert.ok(passwords.every(({ text }) => /^[A-Za-z0-9]{32}$/.test(text)));
    assert.equal(privateKeys.length, PRIVATE_KEYS);
    assert.equal(secrets.size, PASSWORDS + PRIVATE_KEYS);
  });

  it("would be found by these tests if a command printed them", async () => {
    const { stdout } = await checkout.pulumi("stack", "export", "--show-secrets", "--stack", STACK);
    assert.equal(leaksIn(stdout).length, PASSWORDS + PRIVATE_KEYS);
    assert.match(printed["up, as a list of processes"], /cli\/main\.ts up/);
  });

  it("are hidden after an up", assertHidden);

  it("need a passphrase that only its owner can read", () => {
    const { mode } = statSync(checkout.path(".platform", "passphrase"));
    assert.equal(mode & 0o777, 0o600);
  });

  it("are hidden in preview --json", async () => {
    assert.equal(await watched("preview", () => pulumi("preview", "--json")), 0, printed.preview);
    assert.match(printed.preview, /"steps"/);
    await assertHidden();
  });

  it("are hidden in a report, as Markdown and as JSON", async () => {
    const file = join(temporary, "report.md");
    const report = () => npm("preview", "--json", "--report", file);
    assert.equal(await watched("report", report), 0, printed.report);
    assert.match(printed.report, /"verdict": "nothing"/);
    assert.match(readFileSync(file, "utf8"), /^\*\*Nothing to change\*\*/);
    await assertHidden();
  });

  it("are hidden after a failed migration", async () => {
    const sql = "do $$ begin raise exception 'as %', current_setting('role'); end $$;\n";
    const file = checkout.path("sql", "user_service_db", `${nextNumber()}_fail.sql`);
    writeFileSync(file, sql);
    assert.equal(await watched("failed up", () => npm("up")), 1);
    assert.match(printed["failed up"], /as user_service_owner/);
    await assertHidden();
    rmSync(file);
  });

  it("are hidden after a failed statement that contains a password", async () => {
    assert.equal(await watched("up without it", () => npm("up")), 0, printed["up without it"]);
    const { postgres } = (await readOutputs(checkout, STACK)).administrators;
    await setReadOnly(postgres, "on");
    try {
      const rotation = () => npm("rotate", "user-service", "--yes");
      assert.equal(await watched("failed rotation", rotation), 1);
      assert.match(printed["failed rotation"], /read-only transaction/);
    } finally {
      await setReadOnly(postgres, "off");
    }
    await remember();
    assert.ok(secrets.size > PASSWORDS + PRIVATE_KEYS, "some were renewed");
    await assertHidden();
  });

  it("are hidden after a refresh, and after the up that repairs the failure", async () => {
    const refresh = () => pulumi("refresh", "--yes", "--skip-preview");
    assert.equal(await watched("refresh", refresh), 0, printed.refresh);
    assert.equal(await watched("second up", () => npm("up")), 0, printed["second up"]);
    await remember();
    await assertHidden();
  });

  it("are hidden after a rotation over TLS", async () => {
    const rotation = () => npm("rotate", "user-service", "--yes");
    assert.equal(await watched("rotation", rotation), 0, printed.rotation);
    const known = secrets.size;
    await remember();
    assert.equal(secrets.size, known + 6);
    await assertHidden();
  });

  it("are hidden after a destroy, which leaves no file", async () => {
    assert.equal(await watched("down", () => npm("down")), 0, printed.down);
    for (const [place, text] of Object.entries(printed)) {
      assert.deepEqual(leaksIn(text), [], place);
    }
    assert.deepEqual(
      filesBelow(temporary).filter(({ content }) => leaksIn(content).length > 0),
      [],
    );
  });

  /** The number after the last migration of the users' database. */
  function nextNumber(): string {
    const numbers = filesBelow(checkout.path("sql", "user_service_db")).map(({ path }) =>
      Number(/(\d{4})_\w+\.sql$/.exec(path)?.[1] ?? 0),
    );
    return String(Math.max(...numbers) + 1).padStart(4, "0");
  }

  /** Makes the server refuse or accept changes. */
  async function setReadOnly(
    { username: user, password }: { username: string; password: string },
    state: "on" | "off",
  ): Promise<void> {
    const { services } = await readOutputs(checkout, STACK);
    const { database, trustedCertificates: ca } = services["user-service"];
    const { host, port } = database;
    const client = new Client({ host, port, user, password, database: "postgres", ssl: { ca } });
    await client.connect();
    await client.query(`alter system set default_transaction_read_only = ${state}`);
    await client.query("select pg_reload_conf()");
    await client.end();
  }
});
