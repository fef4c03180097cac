import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { writeMonitoringFiles } from "../../../components/monitoring-files";
import { parseConfig } from "../../../config";
import { containersOf } from "../../../config-servers";
import { generatedPassword, passwordsIn, type Recorded, TYPES } from "../support/mocks";
import { DEV_SETTINGS, engineConfig, loading, runProgram, type Settings } from "../support/program";

const CONTAINERS = ["prometheus", "alertmanager", "postgres-exporter", "redis-exporter", "grafana"];
const EXISTING = {
  postgresServer: { host: "db.example", username: "admin", password: "pw" },
  redisServer: { nodes: ["one.example:6379", "two.example:6379"], username: "a", password: "pw" },
  kafkaCluster: { bootstrapServers: ["b.example:9092"], username: "admin", password: "pw" },
};
const configOf = (settings: Settings) =>
  parseConfig("shared", engineConfig(settings), { isSecret: () => true, environment: {} });

interface Upload {
  file: string;
  content: string;
}

describe("a stack with monitoring", () => {
  let recorded: Recorded;
  before(
    loading(async () => {
      ({ recorded } = await runProgram("dev", { ...DEV_SETTINGS, monitoring: true }));
    }),
  );
  const containerOf = (role: string) => recorded.only(TYPES.container, `${role}-container`);
  const inputsOf = (role: string) => containerOf(role).inputs;
  const uploadOf = (role: string, file: RegExp) =>
    (inputsOf(role).uploads as Upload[]).find((upload) => file.test(upload.file))!.content;

  it("runs five more containers, with a memory limit and a health check each", () => {
    assert.strictEqual(recorded.all(TYPES.container).length, 10);
    for (const role of CONTAINERS) {
      const { memory, healthcheck, name } = inputsOf(role);
      assert.strictEqual(name, `learning-platform-${role}`);
      assert.ok(Number(memory) > 0 && Number(memory) <= 256, `${role}: ${String(memory)}`);
      assert.match((healthcheck.tests as string[]).join(" "), / wget .*http:\/\/127\.0\.0\.1:/);
    }
  });

  it("publishes the pages that people open, and no exporter", () => {
    const published = CONTAINERS.map((role) => (inputsOf(role).ports as object[]).length);
    assert.deepStrictEqual(published, [1, 0, 0, 0, 1]);
  });

  it("gives PostgreSQL's statistics to a role that may connect to no service's database", () => {
    const { inputs } = recorded.only(TYPES.role, "postgres-monitor-role");
    assert.deepStrictEqual([inputs.name, inputs.roles], ["platform_monitor", ["pg_monitor"]]);
    const grants = recorded
      .all(TYPES.grant)
      .filter(({ inputs }) => inputs.role === "platform_monitor");
    assert.deepStrictEqual(
      grants.map(({ inputs }) => [inputs.database, inputs.privileges]),
      [["postgres", ["CONNECT"]]],
    );
    const hba = uploadOf("postgres", /pg_hba/).split("\n");
    assert.deepStrictEqual(
      hba.filter((line) => line.includes("platform_monitor")),
      ["host postgres platform_monitor all scram-sha-256"],
    );
    for (const { inputs } of recorded.all(TYPES.databaseRights)) {
      assert.ok(!JSON.stringify(inputs).includes("platform_monitor"));
    }
  });

  it("has room for the connections of that role besides those of services", async () => {
    const { recorded: without } = await runProgram("dev", DEV_SETTINGS);
    const most = (from: Recorded) =>
      /max_connections=(\d+)/.exec(
        (from.only(TYPES.container, "postgres-container").inputs.command as string[]).join(" "),
      )![1];
    const { inputs } = recorded.only(TYPES.role, "postgres-monitor-role");
    assert.strictEqual(Number(most(recorded)) - Number(most(without)), inputs.connectionLimit);
  });

  it("gives Redis a user without a key or channel", () => {
    const users = recorded
      .all(TYPES.redisUser)
      .filter(({ inputs }) => inputs.username === "platform-monitor");
    assert.strictEqual(users.length, 2);
    for (const { inputs } of users) {
      const rules = inputs.rules as string[];
      assert.deepStrictEqual(
        rules.filter((rule) => !/^(resetchannels|-@all|\+[a-z|]+)$/.test(rule)),
        [],
      );
    }
  });

  it("creates no user of the broker: its metrics need no login", () => {
    const { inputs } = recorded.only(TYPES.container, "prometheus-container");
    assert.ok(!JSON.stringify(inputs).includes("password"));
    assert.strictEqual(recorded.all(TYPES.kafkaUser).length, 6);
  });

  it("passes passwords in files, as secrets", () => {
    assert.strictEqual(
      uploadOf("postgres-exporter", /password/),
      generatedPassword("postgres-monitor-password"),
    );
    const cache = generatedPassword("redis-monitor-password");
    const session = generatedPassword("redis-session-monitor-password");
    assert.deepStrictEqual(JSON.parse(uploadOf("redis-exporter", /passwords/)), {
      "redis://learning-platform-redis:6379": cache,
      "redis://platform-monitor@learning-platform-redis:6379": cache,
      "redis://learning-platform-redis-session:6379": session,
      "redis://platform-monitor@learning-platform-redis-session:6379": session,
    });
    for (const role of CONTAINERS) {
      const { key, clearText, inputs } = containerOf(role);
      assert.deepStrictEqual(passwordsIn(recorded, clearText), [], key);
      // docker inspect shows them, secret or not.
      const shown = [inputs.envs, inputs.command ?? []].map((value) => JSON.stringify(value));
      assert.deepStrictEqual(passwordsIn(recorded, shown), [], key);
    }
  });

  it("starts exporters once their principals are there", () => {
    assert.ok(
      containerOf("postgres-exporter").dependsOn.includes(
        `${TYPES.grant}::postgres-monitor-connect`,
      ),
    );
    for (const user of ["redis-monitor-user", "redis-session-monitor-user"]) {
      assert.ok(containerOf("redis-exporter").dependsOn.includes(`${TYPES.redisUser}::${user}`));
    }
  });

  it("scrapes every container that reports something", () => {
    const { scrape_configs } = parse(uploadOf("prometheus", /prometheus\.yml/)) as {
      scrape_configs: { job_name: string }[];
    };
    assert.deepStrictEqual(
      scrape_configs.map(({ job_name }) => job_name),
      ["prometheus", "alertmanager", "postgres", "redis", "redpanda"],
    );
  });

  it("notifies nobody, unless there is a webhook, whose URL is a secret", async () => {
    assert.match(uploadOf("alertmanager", /alertmanager/), /receiver: nobody/);
    const alertWebhook = "https://hooks.example/token";
    const { recorded: notified } = await runProgram("dev", {
      ...{ ...DEV_SETTINGS, monitoring: true, alertWebhook },
    });
    const { inputs, clearText } = notified.only(TYPES.container, "alertmanager-container");
    const [{ content }] = inputs.uploads as Upload[];
    assert.match(content, /receiver: webhook\n/);
    assert.ok(content.includes(`url: ${alertWebhook}`));
    assert.ok(!clearText.some((text) => text.includes("token")));
  });

  it("asks PostgreSQL about backups, and alerts, where they are scheduled alone", async () => {
    const seen = (of: Recorded) =>
      (["postgres-exporter", "prometheus"] as const).map((role) =>
        (of.only(TYPES.container, `${role}-container`).inputs.uploads as Upload[])
          .map(({ content }) => content)
          .some((content) => /platform_postgres_backup/.test(content)),
      );
    assert.deepStrictEqual(seen(recorded), [false, false]);
    const backups = { backupTo: "/b", backupRecipient: "age1a", backupEveryHours: 24 };
    const scheduled = await runProgram("dev", { ...DEV_SETTINGS, monitoring: true, ...backups });
    const { recorded: other } = scheduled;
    assert.deepStrictEqual(seen(other), [true, true]);
    const rules = (
      other.only(TYPES.container, "prometheus-container").inputs.uploads as Upload[]
    ).find(({ file }) => /rules/.test(file))!.content;
    assert.match(
      rules,
      /alert: BackupTooOld\n +expr: platform_postgres_backup_age_seconds > 129600/,
    );
  });

  it("keeps what Prometheus stored when its container is replaced", () => {
    const { volumes } = inputsOf("prometheus");
    assert.deepStrictEqual(volumes, [
      { volumeName: "learning-platform-prometheus-data", containerPath: "/prometheus" },
    ]);
  });
});

describe("what a stack monitors", () => {
  const monitoring = (settings: Settings = {}) =>
    containersOf(configOf({ monitoring: true, ...settings })).filter(
      (server) => !containersOf(configOf(settings)).includes(server),
    );

  it("is nothing, unless its configuration asks for it", () => {
    assert.ok(!containersOf(configOf({})).includes("prometheus"));
  });

  it("refuses a webhook that is no URL, and takes one that only the engine can decrypt", () => {
    assert.throws(() => configOf({ alertWebhook: "hooks.example" }), /must be a URL/);
    assert.strictEqual(configOf({ alertWebhook: "[secret]" }).alertWebhook, "[secret]");
  });

  it("is what it runs in containers", () => {
    assert.deepStrictEqual(monitoring(), [
      ...["prometheus", "alertmanager", "postgresExporter", "redisExporter", "grafana"],
    ]);
    const { postgresServer, redisServer } = EXISTING;
    assert.deepStrictEqual(monitoring({ postgresServer, grafana: false }), [
      ...["prometheus", "alertmanager", "redisExporter"],
    ]);
    assert.deepStrictEqual(
      monitoring({ ...EXISTING, redisSessionServer: redisServer, console: false }),
      [],
    );
  });

  describe("of servers that exist", () => {
    const begin = process.cwd();
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "monitoring-files-"));
      process.chdir(folder);
    });
    after(() => {
      process.chdir(begin);
      rmSync(folder, { recursive: true });
    });
    const written = () => join(folder, ".platform/monitoring/shared");

    it("is left to files for those who run them", () => {
      writeMonitoringFiles(configOf({ ...EXISTING, monitoring: true }));
      assert.deepStrictEqual(readdirSync(written()).sort(), [
        ...["dashboard.json", "postgres-queries.yml", "rules.yml", "scrape.yml"],
      ]);
      const scrape = readFileSync(join(written(), "scrape.yml"), "utf8");
      assert.match(scrape, /rediss:\/\/two\.example:6379/);
      assert.match(scrape, /b\.example:9644/);
      assert.doesNotMatch(scrape, /pw|session/);
      assert.doesNotMatch(readFileSync(join(written(), "rules.yml"), "utf8"), /CertificateNearEnd/);
    });

    it("writes nothing where the stack runs all of them, or nobody asked", () => {
      rmSync(join(folder, ".platform"), { recursive: true });
      writeMonitoringFiles(configOf({ monitoring: true }));
      writeMonitoringFiles(configOf(EXISTING));
      assert.deepStrictEqual(readdirSync(folder), []);
    });
  });
});
