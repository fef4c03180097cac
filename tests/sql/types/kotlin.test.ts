import assert from "node:assert/strict";
import path from "node:path";

import type {
  AgentExecutionRow,
  LearningSessionRow,
} from "../../../client/src/schema/agent_orchestrator_db";
import type {
  ContentMetadataRow,
  GeneratedContentRow,
} from "../../../client/src/schema/content_service_db";
import {
  type ContentDto,
  type LearningSessionDto,
  type SubscriptionDto,
  toContentDto,
  toLearningSessionDto,
  toSubscriptionDto,
  toUserDto,
  type UserDto,
} from "../../../client/src/schema/dtos";
import { TOPIC_OF } from "../../../client/src/schema/events";
import type {
  UserPreferenceRow,
  UserRoleRow,
  UserRow,
} from "../../../client/src/schema/user_service_db";
import { packageOf } from "../../../tools/types/kotlin/source";
import { build, hasJdk, NO_JDK, runMain } from "../../support/maven";
import type { Row } from "../schema/rows";
import { createLive, dropLive, type LiveDatabase } from "./live-databases";

const PROJECT = path.resolve(__dirname, "../../../client/kotlin");

/** What SchemaCheck.kt prints. */
interface Found {
  databases: Record<string, Record<string, TableFound>>;
  dtos: {
    UserDto: UserDto[];
    LearningSessionDto: LearningSessionDto[];
    ContentDto: ContentDto[];
    SubscriptionDto: SubscriptionDto[];
  };
  used: Record<string, unknown> & { subscription: Row };
  events: { type: string; topic: string }[];
}

interface TableFound {
  columns: { name: string; nullable: boolean; optional: boolean }[];
  rows: Row[];
  readDifferently: Row[];
  writtenDifferently: string[];
}

/** What a trigger fills in, so that an insert may leave it out. */
const FILLED_IN = "invoice_number";

describe("The Kotlin entities", function () {
  this.timeout(300_000);

  let live: LiveDatabase[] = [];
  let found: Found;

  before(async function () {
    if (!hasJdk()) {
      process.stdout.write(NO_JDK);
      this.skip();
    }
    [live] = await Promise.all([createLive(), build(PROJECT, "test-compile")]);
    const classes = ["classes", "test-classes"];
    const main = "learning.platform.schema.SchemaCheckKt";
    // As in the tests' server: no code may take the machine's time zone for UTC.
    const zone = "-Duser.timezone=America/St_Johns";
    const { answer, complaints } = await runMain(PROJECT, classes, main, input(), [zone]);
    // Hibernate says there what does not match the tables.
    assert.doesNotMatch(complaints, /Exception|ERROR/);
    found = JSON.parse(answer) as Found;
  });
  after(() => dropLive(live));

  const input = () =>
    live.map(({ name, database, model, rows }) => {
      const { host, port, user, password } = database.connection("superuser");
      return {
        name,
        url: `jdbc:postgresql://${host}:${port}/${database.name}`,
        user,
        password,
        entities: Object.fromEntries(
          model.tables.map((table) => [table.name, `${packageOf(name)}.${table.entity}`]),
        ),
        rows,
      };
    });

  it("pass Hibernate's validation for every table of the databases", () => {
    for (const { name, catalogue } of live) {
      const tables = catalogue.tables.map((table) => table.name);
      assert.deepEqual(Object.keys(found.databases[name]).sort(), tables);
    }
  });

  it("have the columns of each table, and demand those that an insert needs", async () => {
    for (const { name, pool } of live) {
      const { rows } = await pool.query<Row>(
        `select table_name, column_name as name, is_nullable = 'YES' as nullable,
          is_nullable = 'YES' or column_default is not null or column_name = '${FILLED_IN}' as optional
         from information_schema.columns where table_schema = 'public'`,
      );
      for (const [table, { columns }] of Object.entries(found.databases[name])) {
        const expected = rows.filter((row) => row.table_name === table);
        assert.deepEqual(
          sorted(columns),
          sorted(expected.map(({ name, nullable, optional }) => ({ name, nullable, optional }))),
        );
      }
    }
  });

  it("leave a row of each table as it is, from JSON and back", () => {
    for (const { name, rows } of live) {
      for (const [table, { rows: back }] of Object.entries(found.databases[name])) {
        assert.deepEqual(back, JSON.parse(JSON.stringify(rows[table])), table);
      }
    }
  });

  it("are the same from JSON as from Hibernate, which writes the same row", () => {
    for (const tables of Object.values(found.databases)) {
      for (const [table, { readDifferently, writtenDifferently }] of Object.entries(tables)) {
        assert.deepEqual([readDifferently, writtenDifferently], [[], []], table);
      }
    }
  });

  it("have the defaults of the database, and read what its triggers write", () => {
    const { subscription, ...rest } = found.used;
    const { invoice_number: number, ...others } = {
      invoice_number: rest["invoice number"],
      ...rest,
    };
    assert.match(String(number), /^INV-\d{4}-\d{6}$/);
    assert.deepEqual(others, {
      "invoice number": number,
      "updated_at moved": true,
      printed: "Subscription(id)",
    });
    const minimal = live.at(-1)!.rows.subscriptions.find((row) => row.status === "ACTIVE")!;
    const { id, user_id, created_at, updated_at, ...defaults } = subscription;
    for (const [column, value] of Object.entries(defaults)) {
      assert.deepEqual(value, minimal[column], column);
    }
    assert.ok(id && user_id && created_at && updated_at);
  });

  it("make the DTOs that TypeScript makes", () => {
    const [users, agents, contents, payments] = JSON.parse(
      JSON.stringify(live.map(({ rows }) => rows)),
    );
    const expected = {
      UserDto: users.users.map((user: UserRow) =>
        toUserDto(
          user,
          users.user_roles.filter((row: UserRoleRow) => row.user_id === user.id),
          users.user_preferences.filter((row: UserPreferenceRow) => row.user_id === user.id),
        ),
      ),
      LearningSessionDto: agents.learning_sessions.map((session: LearningSessionRow) =>
        toLearningSessionDto(
          session,
          agents.agent_executions.filter((row: AgentExecutionRow) => row.session_id === session.id),
        ),
      ),
      ContentDto: contents.generated_content.map((content: GeneratedContentRow) =>
        toContentDto(
          content,
          contents.content_metadata.filter(
            (row: ContentMetadataRow) => row.content_id === content.id,
          ),
        ),
      ),
      SubscriptionDto: payments.subscriptions.map(toSubscriptionDto),
    };
    assert.deepEqual(found.dtos, JSON.parse(JSON.stringify(expected)));
    assert.ok(
      found.dtos.UserDto.some(({ roles, preferences }) => roles.length > 0 && preferences.theme),
    );
    assert.ok(found.dtos.LearningSessionDto.some((dto) => dto.progressPercentage > 0));
  });

  it("have the topic of each event type", () => {
    const expected = Object.entries(TOPIC_OF).map(([type, topic]) => ({ type, topic }));
    assert.deepEqual(found.events, expected);
  });

  const sorted = <T extends { name: string }>(columns: T[]) =>
    [...columns].sort((one, other) => (one.name < other.name ? -1 : 1));
});
