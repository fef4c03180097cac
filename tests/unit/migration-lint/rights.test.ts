import assert from "node:assert/strict";

import { checkStatements } from "../../../migration-lint/statements";
import { migration } from "./support/migrations";

const FUNCTION = "create function f() returns void language plpgsql";
const cases: [rule: string, dangerous: string, harmless: string][] = [
  ["ban-grant-to-others", "grant select on t to public;", "grant select on t to user_service_app;"],
  [
    "ban-grant-to-others",
    "grant select on t to payment_service_app;",
    "revoke all on t from public;",
  ],
  ["ban-grant-to-others", "grant user_service_owner to user_service_app;", "select 1;"],
  [
    "ban-grant-to-others",
    "do $$ begin if true then grant select on t to public; end if; end $$;",
    "do $$ begin perform 1; end $$;",
  ],
  ["ban-default-privileges", "alter default privileges grant select on tables to x;", "select 1;"],
  ["ban-owner-change", "alter table t owner to x;", "alter table t rename to owner;"],
  ["ban-owner-change", "alter function f() owner to x;", "select 1;"],
  [
    "require-pinned-search-path",
    `${FUNCTION} security definer as '';`,
    `${FUNCTION} security definer set search_path = pg_catalog as '';`,
  ],
  [
    "require-pinned-search-path",
    "alter function f() security definer;",
    "alter function f() security definer set search_path = pg_catalog;",
  ],
  ["ban-role-change", "set role x;", "set local work_mem = '1MB';"],
  ["ban-role-change", "reset session authorization;", "reset work_mem;"],
  [
    "ban-role-change",
    "select set_config('role', 'x', false);",
    "select set_config('work_mem', '1MB', true);",
  ],
  [
    "ban-disabled-safeguard",
    "alter table t disable trigger all;",
    "alter table t enable trigger all;",
  ],
  [
    "ban-disabled-safeguard",
    "alter table t disable row level security;",
    "alter table t enable row level security;",
  ],
  ["ban-disabled-safeguard", "set session_replication_role = replica;", "select 'replica';"],
  ["ban-create-rule", "create rule r as on delete to t do nothing;", "select 1;"],
  ["ban-sleep", "select pg_sleep(1);", "select 'pg_sleep(1)';"],
  [
    "ban-sleep",
    `${FUNCTION} as $$ begin perform pg_sleep(1); end $$;`,
    `${FUNCTION} as $$ begin perform 1; end $$;`,
  ],
];

describe("the lint of rights", () => {
  for (const [rule, dangerous, harmless] of cases) {
    it(`finds by ${rule}: ${dangerous}`, async () => {
      const rules = async (sql: string) => {
        const file = { ...(await migration(sql)), path: "sql/user_service_db/0001_a.sql" };
        return (await checkStatements(file)).map((finding) => finding.rule);
      };
      assert.ok((await rules(dangerous)).includes(rule));
      assert.ok(!(await rules(harmless)).includes(rule));
    });
  }
});
