import assert from "node:assert/strict";

import type { RightChange } from "../../../../cli/plan/plan";
import { TYPES } from "../../support/mocks";
import { brokerRights, databaseRights, step } from "../report/support/findings";
import type { Step } from "../support/events";
import { planOf } from "../support/plan";

/** The changes of rights as `user system +privilege object`, or `-` where it is lost. */
const changes = (...steps: Step[]) =>
  planOf(...steps).rights.map(({ user, system, change, privilege, object }: RightChange) =>
    `${user} ${system} ${change === "gained" ? "+" : "-"}${privilege} ${object}`.trim(),
  );

const redisUser = (
  op: "create" | "update" | "delete" | "same",
  rules: string[],
  old: string[] = rules,
) => {
  const inputs = (each: string[]) => ({ username: "a", password: "[secret]", rules: each });
  return step(op, TYPES.redisUser, "redis-session-a", inputs(rules), inputs(old));
};

describe("the changes of rights in a plan", () => {
  it("are none where all resources stay or change in something else", () => {
    const rights = ["Read topic t"];
    assert.deepStrictEqual(
      changes(
        brokerRights("same", "a", rights),
        brokerRights("update", "b", rights),
        redisUser("same", ["~a:*", "+@all", "-scan"]),
      ),
      [],
    );
  });

  it("are the rights on the broker that a user gains and loses", () => {
    const now = ["Read topic t", "Read group a.*", 'Write topic "odd name"'];
    assert.deepStrictEqual(changes(brokerRights("update", "a", now, ["Write topic t"])), [
      "a Kafka +Read Group a.*",
      "a Kafka +Read Topic t",
      "a Kafka +Write Topic odd name",
      "a Kafka -Write Topic t",
    ]);
  });

  it("show a line on the broker that is no right as it is, and no right that is denied", () => {
    const inputs = (rights: object) => ({ principal: "a", rights });
    assert.deepStrictEqual(
      changes(
        step("create", TYPES.rights, "a", inputs({ "rule all": "allow", "Read topic t": "deny" })),
      ),
      ["a Kafka +unknown rule all"],
    );
  });

  it("are the privileges of a role on each kind of object", () => {
    const settings = { lock_timeout: "1ms" };
    assert.deepStrictEqual(
      changes(
        databaseRights(
          "update",
          "d",
          { r: { database: ["CONNECT"], table: ["INSERT", "SELECT"], settings } },
          { r: { database: ["CONNECT"], table: ["DELETE", "SELECT"] } },
        ),
      ),
      ["r PostgreSQL +INSERT table d", "r PostgreSQL -DELETE table d"],
    );
  });

  it("are a role's login and the roles that it may act as", () => {
    const role = (more: object) => ({ name: "r", password: "[secret]", ...more });
    assert.deepStrictEqual(
      changes(
        step("update", TYPES.role, "r", role({ login: true, roles: ["o"] }), role({})),
        step("delete", TYPES.role, "s", { name: "s", login: true }),
      ),
      ["r PostgreSQL +act as o", "r PostgreSQL +log in", "s PostgreSQL -log in"],
    );
  });

  it("are the logins of users on the broker", () => {
    const user = { username: "a", password: "[secret]" };
    assert.deepStrictEqual(changes(step("create", TYPES.kafkaUser, "a", user)), [
      "a Kafka +log in",
    ]);
  });

  it("are the keys, channels and commands of a user of Redis, by the server's title", () => {
    const [old, now] = [
      ["~a:*", "&a:*", "+@all", "-@admin", "-scan", "+dbsize"],
      ["~*", "%R~b:*", "%W~c:*", "allchannels", "+@all", "-@admin", "-dbsize"],
    ];
    assert.deepStrictEqual(changes(redisUser("update", now, old)), [
      "a Redis (sessions) +read keys b:*",
      "a Redis (sessions) +run scan",
      "a Redis (sessions) +use channels *",
      "a Redis (sessions) +use keys *",
      "a Redis (sessions) +write keys c:*",
      "a Redis (sessions) -run dbsize",
      "a Redis (sessions) -use channels a:*",
      "a Redis (sessions) -use keys a:*",
    ]);
  });

  it("name all commands of a new user with the exceptions, and once", () => {
    assert.deepStrictEqual(changes(redisUser("create", ["~a:*", "-get", "+@all", "-@admin"])), [
      "a Redis (sessions) +log in",
      "a Redis (sessions) +run @all -@admin",
      "a Redis (sessions) +use keys a:*",
    ]);
  });

  it("show that an exception before all commands has no effect", () => {
    assert.deepStrictEqual(changes(redisUser("update", ["-scan", "+@all"], ["+@all", "-scan"])), [
      "a Redis (sessions) +run scan",
    ]);
  });

  it("show a selector and a login without a password, but no password", () => {
    const rules = [">hunter2", "#0123abcd", "nopass", "(+get ~b:*)"];
    assert.deepStrictEqual(changes(redisUser("update", rules, [])), [
      "a Redis (sessions) +log in without a password",
      "a Redis (sessions) +use a selector (+get ~b:*)",
    ]);
  });

  it("are none where a right moves to another resource", () => {
    const [from, to] = ["old", "new"].map((name) => ({
      ...brokerRights("same", "a", ["Read topic t"]),
      name,
    }));
    assert.deepStrictEqual(
      changes({ ...from, op: "delete" }, { ...to, op: "create", old: undefined }),
      [],
    );
  });

  it("are none where the rights become known only during the update", () => {
    assert.deepStrictEqual(
      changes(step("create", TYPES.rights, "a", { principal: "a", rights: "04da6b54" })),
      [],
    );
  });
});
