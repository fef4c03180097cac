import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";

import { checkPostgres, type Facts, judge } from "../../../../components/postgres/postgres-check";

const ADDRESS = { host: "db.example", port: 5432 };
const SERVER = {
  ...{ ...ADDRESS, direct: ADDRESS, username: "admin", password: "secret", database: "postgres" },
  connections: 100,
};

const FACTS: Facts = {
  ...{ version: 16, standby: false, superuser: false, createdb: true, createrole: true },
  ...{ collation: true, pid: 7, maxConnections: 110, reserved: 3 },
  settings: {
    log_statement: "none",
    "pgaudit.log": null,
    password_encryption: "scram-sha-256",
    timezone: "UTC",
  },
};

const CASES: [title: string, facts: Partial<Facts>, kind: string, expected: RegExp][] = [
  [
    "version 15",
    { version: 15 },
    "fault",
    /^postgresServer\.host .*which is PostgreSQL 15; it must be 16/,
  ],
  ["a standby", { standby: true }, "fault", /^postgresServer\.host .*is a standby/],
  [
    "a login without CREATEROLE",
    { createrole: false },
    "fault",
    /^postgresServer\.username .*alter role admin/,
  ],
  ["a login without CREATEDB", { createdb: false }, "fault", /^postgresServer\.username /],
  ["a system without the collation", { collation: false }, "fault", /C\.UTF-8/],
  [
    "too few connections",
    { maxConnections: 102 },
    "warning",
    /^postgresServer allows 99 .*may hold 100/,
  ],
  [
    "a log of statements",
    { settings: { ...FACTS.settings, log_statement: "ddl" } },
    "warning",
    /^postgresServer writes statements to its log \(log_statement\), and so the passwords/,
  ],
  [
    "an audit of roles",
    { settings: { ...FACTS.settings, "pgaudit.log": "read, role" } },
    "warning",
    /\(pgaudit\.log\)/,
  ],
  [
    "passwords as MD5",
    { settings: { ...FACTS.settings, password_encryption: "md5" } },
    "warning",
    /set password_encryption/,
  ],
  [
    "another time zone",
    { settings: { ...FACTS.settings, timezone: "Europe/Oslo" } },
    "warning",
    /time zone Europe\/Oslo/,
  ],
  ["a process of somebody else", { pid: 8 }, "warning", /in the server's place.*migrationHost/],
];

describe("the facts of a PostgreSQL server that exists", () => {
  it("are all right where nothing is wrong", () => {
    assert.deepStrictEqual(judge(FACTS, { ...SERVER, pid: 7 }), []);
  });

  it("are all right for a superuser, who may make databases and roles", () => {
    const facts = { ...FACTS, superuser: true, createdb: false, createrole: false };
    assert.deepStrictEqual(judge(facts, { ...SERVER, pid: 7 }), []);
  });

  for (const [title, facts, kind, expected] of CASES) {
    it(`say what ${title} means`, () => {
      const findings = judge({ ...FACTS, ...facts }, { ...SERVER, pid: 7 });
      assert.strictEqual(findings.length, 1);
      assert.strictEqual(findings[0].kind, kind);
      assert.match(`${findings[0].key} ${findings[0].reason}`, expected);
    });
  }

  it("include whether its replicas answer", async () => {
    const nobody = { host: "127.0.0.1", port: 1 };
    const findings = await checkPostgres({
      ...{ ...SERVER, ...nobody, direct: nobody, readonly: nobody, timeoutMs: 1_000 },
    });
    assert.deepStrictEqual(
      findings.map(({ key, kind }) => [key, kind]),
      [
        ["postgresServer.host", "out of reach"],
        ["postgresServer.readonlyHost", "out of reach"],
      ],
    );
  });

  it("are not asked of a pooler, which is named", async () => {
    // What PgBouncer 1.18.0 answers to the options of a session.
    const fields = ["SFATAL", "VFATAL", "C08P01", "Munsupported startup parameter: options", ""];
    const body = Buffer.from(fields.map((field) => `${field}\0`).join(""));
    const size = Buffer.alloc(4);
    size.writeInt32BE(body.length + 4);
    const pooler = createServer((socket) => {
      socket.once("data", () => socket.end(Buffer.concat([Buffer.from("E"), size, body])));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => pooler.once("listening", resolve));
    const { port } = pooler.address() as AddressInfo;
    const address = { host: "127.0.0.1", port };
    const findings = await checkPostgres({ ...SERVER, ...address, direct: address });
    await new Promise((resolve) => pooler.close(resolve));
    assert.deepStrictEqual(
      findings.map(({ key, kind }) => [key, kind]),
      [["postgresServer.migrationHost", "fault"]],
    );
    assert.match(findings[0].reason, /is a pooler/);
  });
});
