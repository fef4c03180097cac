import assert from "node:assert/strict";
import path from "node:path";

import type { SchemaMigrationsInputs } from "../../../../components/postgres/migration-inputs";
import * as migrator from "../../../../migrator";
import { ROOT } from "../../support/program";

const MIGRATOR = path.join(ROOT, "migrator/index.ts");
const PROVIDER = path.join(ROOT, "components/postgres/schema-migrations.provider.ts");

const inputs: SchemaMigrationsInputs = {
  host: "127.0.0.1",
  port: 1,
  database: "user_service_db",
  username: "user_service_migrator",
  password: "not to be told",
  owner: "user_service_owner",
  directory: "sql/user_service_db",
  lockTimeoutMs: 1_000,
  statementTimeoutMs: 0,
  waitForLockMs: 0,
  allowOutOfOrder: false,
  versioned: {},
  repeatable: {},
};

/** What the provider prints while a migrator, in place of the real one, tells of these events. */
async function notesOf(...events: migrator.MigrationEvent[]): Promise<string[]> {
  const double: typeof migrator = {
    ...migrator,
    readMigrations: () => ({ versioned: [], repeatable: [] }) as unknown as migrator.MigrationFiles,
    migrate: (_target, _files, options) => {
      events.forEach((event) => options?.onProgress?.(event));
      return Promise.resolve({ applied: [], repeated: [], durationMs: 1 });
    },
  };
  const [module, provider] = [require.cache[MIGRATOR], require.cache[PROVIDER]];
  const output: { log: (line: string) => void } = console;
  const print = output.log;
  const lines: string[] = [];
  try {
    require.cache[MIGRATOR] = { ...module, exports: double } as NodeJS.Module;
    delete require.cache[PROVIDER];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { create } = require(
      PROVIDER,
    ) as typeof import("../../../../components/postgres/schema-migrations.provider");
    output.log = (line) => lines.push(line);
    await create(inputs);
  } finally {
    output.log = print;
    require.cache[MIGRATOR] = module;
    require.cache[PROVIDER] = provider;
  }
  return lines;
}

describe("the notes of migrations", () => {
  const file = "0001_create_users.sql";
  const at = { file, index: 0, total: 2 };
  const holder = { pid: 42, applicationName: "learning-platform" };
  const cases: [title: string, event: migrator.MigrationEvent, line?: string][] = [
    [
      "a file that is applied, with its time",
      { kind: "finished", ...at, durationMs: 12 },
      "sql/user_service_db: 0001_create_users.sql applied (12 ms)",
    ],
    [
      "a repeatable file alike",
      { kind: "finished", ...at, file: "repeatable/01_functions.sql", durationMs: 3 },
      "sql/user_service_db: repeatable/01_functions.sql applied (3 ms)",
    ],
    [
      "a file that is tried again, with the reason",
      { kind: "retrying", file, sqlState: "55P03", attempt: 1, delayMs: 200 },
      "sql/user_service_db: 0001_create_users.sql retried in 200 ms: 55P03",
    ],
    [
      "a wait for another run, with its process",
      { kind: "waiting", holder },
      "sql/user_service_db: waiting for another run (learning-platform, pid 42 on the server) to finish",
    ],
    [
      "a wait for a run that is not known",
      { kind: "waiting", holder: undefined },
      "sql/user_service_db: waiting for another run (not known) to finish",
    ],
    ["no file that only begins", { kind: "started", ...at }],
    ["no word of the server's", { kind: "notice", file, severity: "NOTICE", message: "skipping" }],
  ];
  for (const [title, event, line] of cases) {
    it(`report ${title}`, async () => {
      assert.deepStrictEqual(await notesOf(event), line === undefined ? [] : [line]);
    });
  }
});
