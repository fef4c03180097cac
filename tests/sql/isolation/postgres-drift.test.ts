import assert from "node:assert/strict";

import { Client } from "pg";

import { checkPostgres, comparePostgres, readPostgres } from "../../../cli/drift/postgres";
import { TYPES } from "../../../cli/resource-types";
import type { StackResource } from "../../../cli/stack/state";
import {
  type PostgresAdministrator,
  revokeDatabase,
} from "../../../components/postgres/postgres-client";
import { server } from "../support/hooks";

const DATABASE = "state_db";
const [OWNER, APP, OTHER] = ["state_owner", "state_app", "state_other_app"];

const resource = (type: string, inputs: object): StackResource => ({
  ...{ type, urn: `urn:${type}:${String((inputs as { name?: string }).name)}`, id: "id" },
  ...{ protect: false, isLeftover: false },
  inputs: inputs as Record<string, unknown>,
  outputs: inputs as Record<string, unknown>,
});

const rights = () =>
  resource(TYPES.databaseRights, {
    ...{ host: server().host, port: server().port },
    ...{ adminUsername: server().user, adminPassword: server().password },
    ...{ database: DATABASE, owner: OWNER },
    roles: { [APP]: { database: ["CONNECT"], settings: { lock_timeout: "10000ms" } } },
  });
const resources = () => [
  resource(TYPES.database, { name: DATABASE, owner: OWNER }),
  resource(TYPES.role, { name: OWNER, login: false, inherit: false }),
  resource(TYPES.role, {
    ...{ name: APP, login: true, connectionLimit: 20, searchPaths: ["public"] },
    ...{ statementTimeout: 30_000, idleInTransactionSessionTimeout: 60_000 },
  }),
  resource(TYPES.role, { name: OTHER, login: true }),
  rights(),
  resource(TYPES.topic, { name: "events" }),
];

const MADE = [
  `create role ${OWNER} nologin noinherit`,
  `create role ${OTHER} login`,
  `create role ${APP} login connection limit 20`,
  `alter role ${APP} set search_path to public`,
  `alter role ${APP} set statement_timeout to '30000'`,
  `alter role ${APP} set idle_in_transaction_session_timeout to '60000'`,
  `alter role ${APP} set lock_timeout to '10000ms'`,
  `create database ${DATABASE} owner ${OWNER}`,
  `revoke all on database ${DATABASE} from public`,
  `grant connect on database ${DATABASE} to ${APP}`,
];

describe("drift in PostgreSQL", () => {
  let client: Client;

  const byHand = async (...statements: string[]) => {
    for (const statement of statements) {
      await client.query(statement);
    }
  };
  const serverInputs = () => rights().inputs as unknown as PostgresAdministrator;
  const found = async () => comparePostgres(resources(), (await readPostgres(serverInputs()))!);

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
      `drop role if exists ${OTHER}`,
    ),
  );

  it("is none while everything is as it was made", async () => {
    assert.deepEqual(await checkPostgres(resources()), { found: [], unanswered: [] });
  });

  it("is a database that was dropped, and everything on the server is read again", async () => {
    await byHand(`drop database ${DATABASE}`);
    const [lost, ...others] = await found();
    assert.deepEqual(others, []);
    assert.equal(
      lost.sentence,
      `database ${DATABASE}: missing, with its tables; up recreates it empty`,
    );
    assert.equal(lost.fault, undefined);
    assert.match(
      lost.faultIfProtected ?? "",
      /restore it from a backup .* or add state_db to .*:allowDataLoss/,
    );
    assert.deepEqual(
      lost.refresh,
      resources()
        .map(({ urn }) => urn)
        .filter((urn) => !urn.includes(TYPES.topic)),
    );
  });

  it("names the resource that changed", async () => {
    await byHand(`alter role ${APP} nologin`);
    assert.deepEqual(
      (await found()).map(({ urn }) => urn),
      [`urn:${TYPES.role}:${APP}`],
    );
  });

  const changes: [statement: string, sentence: string][] = [
    [`alter role ${APP} superuser`, `role ${APP}: superuser is true, should be false`],
    [`alter role ${APP} nologin`, `role ${APP}: login is false, should be true`],
    [`alter role ${APP} connection limit -1`, `role ${APP}: connectionLimit is -1, should be 20`],
    [`grant ${OWNER} to ${APP}`, `role ${APP}: roles is ${OWNER}, should be empty`],
    [
      `alter role ${APP} reset statement_timeout`,
      `role ${APP}: statement_timeout is not set, should be 30000`,
    ],
    [
      `alter role ${APP} set lock_timeout to 0`,
      `role ${APP}: lock_timeout is 0, should be 10000ms`,
    ],
    [
      `alter database ${DATABASE} owner to postgres`,
      `database ${DATABASE}: owner is postgres, should be ${OWNER}`,
    ],
    [
      `grant connect on database ${DATABASE} to public`,
      `database ${DATABASE}: grant to public is CONNECT, should be empty`,
    ],
    [
      `revoke connect on database ${DATABASE} from ${APP}`,
      `database ${DATABASE}: grant to ${APP} is empty, should be CONNECT`,
    ],
    [
      `grant connect on database ${DATABASE} to ${OTHER}`,
      `database ${DATABASE}: grant to ${OTHER} is CONNECT, should be empty`,
    ],
    [`drop owned by ${APP}; drop role ${APP}`, `role ${APP}: missing`],
  ];
  for (const [statement, sentence] of changes) {
    it(`is reported after ${statement}`, async () => {
      await byHand(statement);
      assert.deepEqual(
        (await found()).map((drift) => drift.sentence),
        [sentence],
      );
    });
  }

  it("is repaired where another service's role was let in, and leaves the roles of others alone", async () => {
    await byHand(
      "create role state_reports",
      `grant all on database ${DATABASE} to ${OTHER}`,
      `grant connect on database ${DATABASE} to state_reports`,
    );
    try {
      const [{ revoke, refresh, urn }, ...others] = await found();
      assert.deepEqual([others, refresh], [[], []]);
      assert.equal(urn, rights().urn);
      await revokeDatabase(serverInputs(), revoke!);
      assert.deepEqual(await found(), []);
      const { databases } = (await readPostgres(serverInputs()))!;
      assert.deepEqual(databases[DATABASE].privileges.state_reports, ["CONNECT"]);
    } finally {
      await byHand(
        `revoke all on database ${DATABASE} from state_reports`,
        "drop role state_reports",
      );
    }
  });

  it("is none where a grant of the stack lets the role in", async () => {
    await byHand(`grant connect on database ${DATABASE} to ${OTHER}`);
    const inputs = {
      database: DATABASE,
      role: OTHER,
      objectType: "database",
      privileges: ["CONNECT"],
    };
    const granted = [...resources(), resource(TYPES.grant, inputs)];
    assert.deepEqual(comparePostgres(granted, (await readPostgres(serverInputs()))!), []);
  });

  it("is unknown where the server does not accept the administrator, and none without a server", async () => {
    const wrong = { ...rights(), inputs: { ...rights().inputs, adminPassword: "wrong" } };
    assert.equal(await readPostgres(wrong.inputs as unknown as PostgresAdministrator), undefined);
    const { host, port } = wrong.inputs as unknown as PostgresAdministrator;
    const unanswered = [`PostgreSQL at ${host}:${port}`];
    assert.deepEqual(await checkPostgres([wrong]), { found: [], unanswered });
    assert.deepEqual(await checkPostgres([]), { found: [], unanswered: [] });
  });
});
