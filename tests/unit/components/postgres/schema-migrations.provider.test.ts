import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server } from "node:net";

import type { SchemaMigrationsInputs } from "../../../../components/postgres/migration-inputs";
import { check, diff, read } from "../../../../components/postgres/schema-migrations.provider";
import { closedPort } from "../../support/ports";

/** What the SDK puts in the place of a value that a preview does not know yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const inputs: SchemaMigrationsInputs = {
  host: "127.0.0.1",
  port: 1,
  database: "user_service_db",
  username: "user_service_migrator",
  password: "secret",
  owner: "user_service_owner",
  directory: "sql/user_service_db",
  lockTimeoutMs: 1_000,
  statementTimeoutMs: 0,
  waitForLockMs: 0,
  allowOutOfOrder: false,
  versioned: { "0001_create_users.sql": "aa", "0002_create_tokens.sql": "bb" },
  repeatable: { "repeatable/01_functions.sql": "cc" },
};

describe("the plan of migrations", () => {
  it("changes nothing if files and connection are the same, in any order", async () => {
    const olds = {
      ...inputs,
      versioned: { "0002_create_tokens.sql": "bb", "0001_create_users.sql": "aa" },
      __provider: "old text",
    };
    const news = { ...inputs, __provider: "new text" } as SchemaMigrationsInputs;
    assert.deepStrictEqual(await diff("id", olds, news), { changes: false });
  });

  const { "0001_create_users.sql": first } = inputs.versioned;
  const changes: [title: string, news: Partial<SchemaMigrationsInputs>][] = [
    ["a new file", { versioned: { ...inputs.versioned, "0003_add.sql": "dd" } }],
    ["an edited file", { versioned: { ...inputs.versioned, "0001_create_users.sql": "ee" } }],
    ["a file that is gone", { versioned: { "0001_create_users.sql": first } }],
    ["an edited repeatable file", { repeatable: { "repeatable/01_functions.sql": "ff" } }],
    ["another server", { host: "db.example" }],
    ["a new password", { password: "rotated" }],
    ["another patience", { lockTimeoutMs: 2_000 }],
  ];
  for (const [title, news] of changes) {
    it(`updates for ${title}, and never replaces`, async () => {
      assert.deepStrictEqual(await diff("id", inputs, { ...inputs, ...news }), { changes: true });
    });
  }

  it("updates if a refresh found rights that differ from the design", async () => {
    const olds = { ...inputs, rights: ["grant on table users to public is not as designed"] };
    assert.deepStrictEqual(await diff("id", olds, inputs), { changes: true });
  });

  it("updates if a refresh found that changes by hand are unknown", async () => {
    const olds = { ...inputs, snapshotMissing: true } as const;
    assert.deepStrictEqual(await diff("id", olds, inputs), { changes: true });
  });

  it("updates if TLS is turned on or off", async () => {
    const encrypted = { ...inputs, trusted: "PEM" };
    assert.deepStrictEqual(await diff("id", inputs, encrypted), { changes: true });
    assert.deepStrictEqual(await diff("id", encrypted, inputs), { changes: true });
  });

  it("updates after a run that applied only some files", async () => {
    const applied = { ...inputs, versioned: { "0001_create_users.sql": "aa" }, repeatable: {} };
    assert.deepStrictEqual(await diff("id", applied, inputs), { changes: true });
  });
});

describe("the check of migrations", () => {
  let server: Server;
  let connections = 0;

  /** A server that counts connections and closes them without an answer. */
  before((done) => {
    server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1", done);
  });
  after((done) => {
    server.close(done);
  });
  beforeEach(() => {
    connections = 0;
  });

  const here = () => ({ ...inputs, port: (server.address() as AddressInfo).port });

  for (const key of ["host", "port", "database", "password", "owner", "username"] as const) {
    it(`connects to no server while a preview does not know the ${key}`, async () => {
      const news = { ...here(), [key]: UNKNOWN } as SchemaMigrationsInputs;
      assert.deepStrictEqual(await check({}, news), { inputs: news, failures: [] });
      assert.strictEqual(connections, 0);
    });
  }

  it("connects to the server once everything is known", async () => {
    await check({}, here()).catch(() => undefined);
    assert.notStrictEqual(connections, 0);
  });

  it("refuses nothing if no server answers: the update will report that", async () => {
    assert.deepStrictEqual(await check({}, inputs), { inputs, failures: [] });
  });
});

describe("migrations of a database whose server is stopped", () => {
  it("do not change in a refresh", async () => {
    const before = { ...inputs, port: await closedPort() };
    assert.deepStrictEqual(await read("id", before), { id: "id", props: before });
  });
});
