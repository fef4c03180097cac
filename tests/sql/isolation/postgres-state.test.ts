import assert from "node:assert/strict";

import { Client } from "pg";

import { type KeptResource, TYPES } from "../../../cli/plan";
import { grantAgain, postgresContradictions, readPostgres } from "../../../cli/postgres-state";
import { server } from "../support/hooks";

const DATABASE = "state_db";
const [OWNER, APP] = ["state_owner", "state_app"];

const resource = (type: string, inputs: object, protect = false): KeptResource => ({
  ...{ type, urn: `urn:${type}:${String((inputs as { name?: string }).name)}`, id: "id", protect },
  inputs: inputs as Record<string, unknown>,
});

const database = (protect: boolean) =>
  resource(TYPES.database, { name: DATABASE, owner: OWNER }, protect);
const settings = () =>
  resource(TYPES.roleSettings, {
    ...{ host: server().host, port: server().port },
    ...{ adminUsername: server().user, adminPassword: server().password },
    roles: { [APP]: { lock_timeout: "10000ms" } },
  });
const resources = (protect = false) => [
  database(protect),
  resource(TYPES.role, { name: OWNER, login: false, inherit: false }),
  resource(TYPES.role, {
    ...{ name: APP, login: true, connectionLimit: 20, searchPaths: ["public"] },
    ...{ statementTimeout: 30_000, idleInTransactionSessionTimeout: 60_000 },
  }),
  resource(TYPES.grant, {
    ...{ database: DATABASE, role: "public", objectType: "database", privileges: [] },
  }),
  resource(TYPES.grant, {
    ...{ database: DATABASE, role: APP, objectType: "database", privileges: ["CONNECT"] },
  }),
  settings(),
  resource(TYPES.topic, { name: "events" }),
];

const MADE = [
  `create role ${OWNER} nologin noinherit`,
  `create role ${APP} login connection limit 20`,
  `alter role ${APP} set search_path to public`,
  `alter role ${APP} set statement_timeout to '30000'`,
  `alter role ${APP} set idle_in_transaction_session_timeout to '60000'`,
  `alter role ${APP} set lock_timeout to '10000ms'`,
  `create database ${DATABASE} owner ${OWNER}`,
  `revoke all on database ${DATABASE} from public`,
  `grant connect on database ${DATABASE} to ${APP}`,
];

describe("differences between the state and PostgreSQL", () => {
  let client: Client;

  const byHand = async (...statements: string[]) => {
    for (const statement of statements) {
      await client.query(statement);
    }
  };
  const found = async (kept = resources()) =>
    postgresContradictions(kept, (await readPostgres([settings()]))!);

  before(async () => {
    const { host, port, user, password } = server();
    client = new Client({ host, port, user, password, database: "postgres" });
    await client.connect();
  });
  after(() => client.end());
  beforeEach(() => byHand(...MADE));
  afterEach(() =>
    byHand(
      `drop database if exists ${DATABASE}`,
      `drop role if exists ${APP}`,
      `drop role if exists ${OWNER}`,
    ),
  );

  it("are none if nothing was changed", async () => {
    assert.deepEqual(await found(), []);
  });

  it("include a dropped database, and all resources of the server are read again", async () => {
    await byHand(`drop database ${DATABASE}`);
    const [lost, ...others] = await found();
    assert.deepEqual(others, []);
    assert.equal(
      lost.line,
      `The database ${DATABASE} is gone, and its tables with it; up makes it again, empty.`,
    );
    assert.equal(lost.fault, undefined);
    assert.deepEqual(
      lost.urns,
      resources()
        .map(({ urn }) => urn)
        .filter((urn) => !urn.includes(TYPES.topic)),
    );
  });

  it("are an error for a protected database that was dropped, with the ways to resolve it", async () => {
    await byHand(`drop database ${DATABASE}`);
    const [{ fault }] = await found(resources(true));
    assert.match(fault ?? "", /restore it from a backup .* or add state_db to .*:allowDataLoss/);
  });

  const changes: [statement: string, line: string][] = [
    [`alter role ${APP} superuser`, `The role ${APP} was changed by hand (superuser)`],
    [`alter role ${APP} nologin`, `The role ${APP} was changed by hand (login)`],
    [
      `alter role ${APP} connection limit -1`,
      `The role ${APP} was changed by hand (connectionLimit)`,
    ],
    [`grant ${OWNER} to ${APP}`, `The role ${APP} was changed by hand (roles)`],
    [
      `alter role ${APP} reset statement_timeout`,
      `The role ${APP} was changed by hand (statement_timeout)`,
    ],
    [
      `alter role ${APP} set lock_timeout to 0`,
      `The role ${APP} was changed by hand (lock_timeout)`,
    ],
    [
      `alter database ${DATABASE} owner to postgres`,
      `The database ${DATABASE} was changed by hand (owner)`,
    ],
    [
      `grant connect on database ${DATABASE} to public`,
      `The database ${DATABASE} was changed by hand (rights of public)`,
    ],
    [
      `revoke connect on database ${DATABASE} from ${APP}`,
      `The database ${DATABASE} was changed by hand (rights of ${APP})`,
    ],
    [`drop owned by ${APP}; drop role ${APP}`, `The role ${APP} is gone`],
  ];
  for (const [statement, line] of changes) {
    it(`are reported after ${statement}`, async () => {
      await byHand(statement);
      const lines = (await found()).map((each) => each.line.replace(/; up .*/, ""));
      assert.deepEqual(lines, [line]);
    });
  }

  it("include the rights on tables that a recreated role lacks until they are granted again", async () => {
    const { host, port, user, password } = server();
    const inside = new Client({ host, port, user, password, database: DATABASE });
    await inside.connect();
    try {
      await inside.query("create table kept (id integer)");
      const given = (privilege: string) =>
        inside
          .query<{ has: boolean }>(`select has_table_privilege($1, 'kept', $2) as has`, [
            APP,
            privilege,
          ])
          .then(({ rows }) => rows[0].has);
      const defaults = (role: string) =>
        resource(TYPES.defaultPrivileges, {
          ...{ database: DATABASE, owner: OWNER, role, objectType: "table", schema: "public" },
          privileges: ["SELECT", "INSERT"],
        });
      await grantAgain([settings(), defaults(OWNER)], [APP]);
      assert.equal(await given("SELECT"), false);
      await grantAgain([settings(), defaults(APP)], [APP]);
      assert.deepEqual(await Promise.all(["SELECT", "INSERT", "DELETE"].map(given)), [
        true,
        true,
        false,
      ]);
    } finally {
      await inside.end();
    }
  });

  it("are unknown if the server does not answer, or the stack has no server", async () => {
    const { inputs } = settings();
    const wrong = { type: TYPES.roleSettings, inputs: { ...inputs, adminPassword: "wrong" } };
    assert.equal(await readPostgres([wrong]), undefined);
    assert.equal(await readPostgres([]), undefined);
  });
});
