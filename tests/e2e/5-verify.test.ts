import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from "kafkajs";

import type { Verdict } from "../../cli/verify/finding";
import type { Line, Report } from "../../cli/verify/report";
import { DATABASES, TOPICS } from "../support/contract";
import { inDatabase, inRedis, onBroker, setRetention } from "./support/administrators";
import { docker } from "./support/docker";
import { platform } from "./support/hooks";
import { until } from "./support/running";

interface Verified {
  code: number;
  report: Report;
}

async function verify(env: NodeJS.ProcessEnv = {}, ...args: string[]): Promise<Verified> {
  const { code, stdout, stderr } = await platform().checkout.npm(
    "verify",
    ["--json", ...args],
    env,
  );
  assert.doesNotMatch(stderr, /^ +at /m);
  const { services, administrators } = platform().outputs;
  const logins = [
    ...Object.values(services).flatMap(Object.values),
    ...Object.values(administrators),
  ];
  for (const { password } of logins as { password?: string }[]) {
    assert.ok(
      password === undefined || !(stdout + stderr).includes(password),
      "a password is shown",
    );
  }
  return { code, report: JSON.parse(stdout) as Report };
}

const linesOf = ({ report }: Verified, verdict: Verdict): Line[] =>
  report.lines.filter((line) => line.verdict === verdict);
const whats = (lines: Line[]) => lines.map(({ what }) => what).sort();

/** Everything that a run may leave, in all systems. */
/** What the servers hold. Keys and consumer groups may end by themselves at any time: of those, only new ones matter. */
async function contents() {
  const databases = await Promise.all(
    Object.values(DATABASES).map(async ({ database }) => {
      const tables = await inDatabase<{ name: string }>(
        database,
        "select quote_ident(relname) as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
      );
      const counts = tables.map(
        ({ name }) => `select '${name}' as name, count(*) as rows from ${name}`,
      );
      return {
        rows: await inDatabase(database, `${counts.join(" union all ")} order by 1`),
        sequences: await inDatabase(database, "select sequencename, last_value from pg_sequences"),
      };
    }),
  );
  const keys = await Promise.all(
    (["redis", "redisSession"] as const).map(async (key) =>
      ((await inRedis(key, "KEYS", "*")) as string[]).map((name) => `${key} ${name}`),
    ),
  );
  const broker = await onBroker(async (admin) => {
    const topics = (await admin.listTopics()).sort();
    const { groups } = await admin.listGroups();
    const own = topics.filter((topic) => !topic.startsWith("_"));
    const offsets = await Promise.all(own.map((topic) => admin.fetchTopicOffsets(topic)));
    return { topics, offsets, groups: groups.map(({ groupId }) => `group ${groupId}`) };
  });
  const { groups, ...topics } = broker;
  return { lasting: { databases, topics }, passing: [...keys.flat(), ...groups] };
}

const untilHealthy = (container: string) =>
  until(async () => {
    const format = "{{.State.Health.Status}}";
    return (await docker("inspect", "--format", format, container)) === "healthy";
  });

describe("npm run verify", () => {
  it("finds everything right, ends with 0, and leaves nothing behind", async () => {
    const before = await contents();
    // A run that was killed has left this.
    const abandoned = { topic: "platform-verify-1000-0123abcd", numPartitions: 1 };
    await onBroker((admin) => admin.createTopics({ topics: [abandoned], waitForLeaders: true }));
    const file = platform().checkout.path(".platform", "verify.md");
    const verified = await verify({}, "--markdown", file);
    assert.deepStrictEqual([...linesOf(verified, "wrong"), ...linesOf(verified, "unknown")], []);
    assert.strictEqual(verified.code, 0);
    assert.match(
      readFileSync(file, "utf8"),
      /^\*\*Everything is right\*\* · stack `dev` · \d+ right/,
    );
    const after = await contents();
    assert.deepStrictEqual(after.lasting, before.lasting);
    const added = after.passing.filter((name) => !before.passing.includes(name));
    assert.deepStrictEqual(added, []);
  });

  it("has a line for each part of the platform", async () => {
    const { report } = await verify();
    const found = new Map(report.lines.map(({ what, found: text }) => [what, text]));
    const named = (start: string) => [...found.keys()].filter((what) => what.startsWith(start));
    assert.strictEqual(named("container ").length, 5);
    assert.strictEqual(named("table ").length, 28);
    assert.strictEqual(found.get("table user_service_db.users"), "8 columns");
    assert.deepStrictEqual(
      named("topic ").sort(),
      [...Object.keys(TOPICS), "test-topic"].map((topic) => `topic ${topic}`).sort(),
    );
    assert.match(found.get("topic user-events")!, /^3 partitions, .*retention 30 d/);
    assert.strictEqual(named("schema user-events-").length, 4);
    assert.strictEqual(
      found.get("schema user-events-user.deleted.v1"),
      "version 1, FORWARD_TRANSITIVE",
    );
    assert.match(found.get("connections of user_service_app")!, /^\d+ of 40$/);
    assert.strictEqual(found.get("message out and back"), "came back");
    assert.strictEqual(found.get("user_service_app on payment_service_db"), "refused");
    assert.match(found.get("memory of the cache")!, /^\d+\.\d MiB of \d+\.\d MiB$/);
  });

  describe("after changes by hand", () => {
    const trigger = "user_preferences_set_updated_at";
    let definition: string;
    const right = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: "session-events",
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: "User:payment-service",
      host: "*",
      operation: AclOperationTypes.READ,
      permissionType: AclPermissionTypes.ALLOW,
    };
    before(async () => {
      [{ definition }] = await inDatabase<{ definition: string }>(
        "user_service_db",
        `select pg_get_triggerdef(oid) as definition from pg_trigger where tgname = '${trigger}'`,
      );
      await inDatabase("user_service_db", `drop trigger ${trigger} on user_preferences`);
      await inDatabase("payment_service_db", "alter table payment_methods add column by_hand text");
      await inDatabase(
        "postgres",
        "grant connect on database content_service_db to user_service_app",
      );
      await inRedis("redis", "ACL", "SETUSER", "content-service", "~payment-service:*");
      await setRetention(1000);
      await onBroker((admin) => admin.createAcls({ acl: [right] }));
    });

    it("ends with 1 and names each, and nothing else", async () => {
      const verified = await verify();
      assert.strictEqual(verified.code, 1);
      assert.deepStrictEqual(
        whats(linesOf(verified, "wrong")),
        [
          `user_service_db: trigger ${trigger} on user_preferences`,
          "changes by hand in user_service_db",
          "repeatable files of user_service_db",
          "table payment_service_db.payment_methods",
          "changes by hand in payment_service_db",
          "changes by hand in content_service_db",
          "rights on content_service_db",
          "user content-service at localhost:6379",
          "content-service in the cache: keys of others",
          "topic user-events",
          "rights of payment-service",
          "user payment-service",
        ].sort(),
      );
      assert.deepStrictEqual(linesOf(verified, "unknown"), []);
      const text = (what: string) => verified.report.lines.find((line) => line.what === what);
      assert.match(text("topic user-events")!.found, /retention 1000 ms/);
      assert.match(text("user payment-service")!.found, /^sees session-events$/);
      assert.match(text("changes by hand in content_service_db")!.found, /user_service_app/);
    });

    it("finds everything right again once they are put back", async () => {
      await inDatabase("user_service_db", definition);
      await inDatabase("payment_service_db", "alter table payment_methods drop column by_hand");
      await inDatabase(
        "postgres",
        "revoke connect on database content_service_db from user_service_app",
      );
      await inRedis(
        "redis",
        "ACL",
        "SETUSER",
        "content-service",
        "resetkeys",
        "~content-service:*",
      );
      await setRetention(30 * 86_400_000);
      await onBroker((admin) => admin.deleteAcls({ filters: [right] }));
      const verified = await verify();
      assert.deepStrictEqual([...linesOf(verified, "wrong"), ...linesOf(verified, "unknown")], []);
    });
  });

  it("ends with 1 if a container is stopped, and says what it could not ask", async () => {
    const { container } = platform().outputs.accessPoints.console;
    await docker("stop", container);
    try {
      const verified = await verify();
      assert.strictEqual(verified.code, 1);
      assert.deepStrictEqual(whats(linesOf(verified, "wrong")), [`container ${container}`]);
      assert.deepStrictEqual(whats(linesOf(verified, "unknown")), ["console"]);
    } finally {
      await docker("start", container);
      await untilHealthy(container);
    }
  });

  it("ends with 2 if a server or the Docker Engine does not answer, and is right in all else", async () => {
    const { container } = platform().outputs.accessPoints.redis;
    await docker("pause", container);
    const verified = await verify({ DOCKER_HOST: "tcp://127.0.0.1:1" }).finally(() =>
      docker("unpause", container),
    );
    await untilHealthy(container);
    assert.strictEqual(verified.code, 2);
    assert.deepStrictEqual(linesOf(verified, "wrong"), []);
    const unknown = linesOf(verified, "unknown");
    assert.strictEqual(unknown.filter(({ area }) => area === "containers").length, 6);
    assert.ok(whats(unknown).includes("user-service on the cache server"));
    assert.deepStrictEqual([...new Set(unknown.map(({ area }) => area))].sort(), [
      "containers",
      "redis",
    ]);
    assert.ok(!whats(unknown).includes("user-service on the session server"));
  });

  it("ends with 2 and one sentence if there is no such stack", async () => {
    const { code, stdout, stderr } = await platform().checkout.npm("verify", ["--stack", "none"]);
    assert.deepStrictEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^Nothing was verified:\n- There is no stack none\./m);
    assert.doesNotMatch(stderr, /^ +at /m);
  });
});
