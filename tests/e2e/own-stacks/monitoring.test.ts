import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { createClient } from "@redis/client";
import { Kafka, logLevel } from "kafkajs";
import { Client } from "pg";

import { run } from "../../../cli/machine/run";
import { alertsOf } from "../../../monitoring/alerts";
import { rowsOf } from "../../../monitoring/panels";
import { monitoredUntil } from "../../support/alert-cases";
import { promtoolResults, type PromtoolTest, writePromtoolTests } from "../../support/promtool";
import { Checkout } from "../support/checkout";
import type { Outputs } from "../support/clients";
import { docker } from "../support/docker";
import { readOutputs } from "../support/hooks";

const STACK = "monitoring";
const PREFIX = `learning-platform-${STACK}`;
const SETTINGS = [
  "protect: false",
  "fsync: false",
  "console: false",
  "tls: true",
  "monitoring: true",
  "postgresReplicas: 1",
  "backupTo: backups",
  "backupRecipient: age1u2z7mkdg8ypf3ppnnugd33tpqesdhzy5pmkkgw9m6jx7ckstlezsl68dss",
  "backupEveryHours: 24",
];
const DEAD_LETTERS = "user-events-dlq";
/** Two scrapes and an evaluation, on a busy machine. */
const LONGEST_WAIT_MS = 90_000;

interface Sample {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

describe("A stack with monitoring", () => {
  let checkout: Checkout;
  let outputs: Outputs;
  let printed: string;

  before(async () => {
    checkout = new Checkout();
    const lines = SETTINGS.map((line) => `  learning-platform:${line}\n`).join("");
    writeFileSync(checkout.path(`Pulumi.${STACK}.yaml`), `config:\n${lines}`);
    printed = await checkout.npmOk("up", ["--stack", STACK]);
    outputs = await readOutputs(checkout, STACK);
    await writeEvents();
  });
  after(async () => {
    await checkout.cleanUp(STACK);
  });

  /** Acts as the service that reads user-events, and moves what it cannot handle to the dead letters. */
  async function asReader<T>(act: (kafka: Kafka) => Promise<T>): Promise<T> {
    const { kafka, trustedCertificates } = outputs.services["payment-service"];
    const { username, password, bootstrapServers } = kafka;
    return act(
      new Kafka({
        brokers: [bootstrapServers],
        ssl: { ca: trustedCertificates },
        sasl: { mechanism: "scram-sha-256", username, password },
        logLevel: logLevel.NOTHING,
      }),
    );
  }

  /** Three records of which the group has read one, and a dead letter. */
  const writeEvents = () =>
    asReader(async (kafka) => {
      const producer = kafka.producer();
      await producer.connect();
      await producer.send({
        topic: "system-events",
        messages: ["1", "2", "3"].map((value) => ({ value })),
      });
      await producer.send({ topic: DEAD_LETTERS, messages: [{ value: "dead" }] });
      await producer.disconnect();
      await commit("system-events", "1");
    });

  const commit = (topic: string, offset: string) =>
    asReader(async (kafka) => {
      const admin = kafka.admin();
      await admin.connect();
      const partitions = [{ partition: 0, offset }];
      await admin.setOffsets({ groupId: "payment-service", topic, partitions });
      await admin.disconnect();
    });

  async function prometheus<T>(path: string): Promise<T> {
    const answer = await fetch(`${outputs.accessPoints.prometheus.address}/api/v1/${path}`);
    const { status, data, error } = (await answer.json()) as {
      status: string;
      data: T;
      error?: string;
    };
    assert.equal(status, "success", `${path}: ${error}`);
    return data;
  }

  const ask = async (expr: string) =>
    (await prometheus<{ result: Sample[] }>(`query?query=${encodeURIComponent(expr)}`)).result;

  /** Waits until something is so, and fails with what it was at last. */
  async function until<T>(look: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
    const end = Date.now() + LONGEST_WAIT_MS;
    for (;;) {
      const found = await look();
      if (isSo(found)) {
        return found;
      }
      assert.ok(Date.now() < end, `still ${JSON.stringify(found)}`);
      await sleep(500);
    }
  }

  const firing = async () =>
    (
      await prometheus<{ alerts: { labels: Record<string, string>; state: string }[] }>("alerts")
    ).alerts.filter(({ state }) => state === "firing");

  it("prints where Prometheus answers", () => {
    assert.match(printed, /Prometheus +http:\/\/localhost:\d+ +healthy/);
  });

  it("shows the dashboard in Grafana, or says that there is none without the internet", async () => {
    const { grafana } = outputs.accessPoints as Partial<Outputs["accessPoints"]>;
    if (grafana === undefined) {
      assert.match(printed, /^Left out: grafana\. Its image \S+ could not be pulled/m);
      return;
    }
    const answer = await fetch(`${grafana.address}/api/dashboards/uid/learning-platform`);
    const { dashboard } = (await answer.json()) as { dashboard: { title: string } };
    assert.equal(dashboard.title, `Learning platform: ${STACK}`);
  });

  it("has every target up", async () => {
    const targets = await until(
      async () => (await prometheus<{ activeTargets: Target[] }>("targets")).activeTargets,
      (found) => found.every(({ health }) => health === "up"),
    );
    assert.deepEqual(
      targets.map(({ labels: { job, server } }) => [job, server].filter(Boolean).join(" ")).sort(),
      ["alertmanager", "postgres", "prometheus", "redis cache", "redis session", "redpanda"],
    );
  });

  it("answers every expression of alerts and panels", async () => {
    const monitored = monitoredUntil(0);
    const expressions = new Set([
      ...alertsOf(monitored, 365).flatMap(({ measures }) => measures),
      ...rowsOf(monitored).flatMap(({ panels }) =>
        panels.flatMap(({ lines }) => lines.map(([expr]) => expr)),
      ),
    ]);
    assert.ok(expressions.size > 20);
    const unanswered = async () => {
      const answers = await Promise.all(
        [...expressions].map(async (expr) => [expr, (await ask(expr)).length] as const),
      );
      return answers.filter(([, samples]) => samples === 0).map(([expr]) => expr);
    };
    await until(unanswered, (found) => found.length === 0);
  });

  it("evaluates every rule without an error", async () => {
    const { groups } = await prometheus<{
      groups: { rules: { name: string; health: string }[] }[];
    }>("rules");
    const rules = groups.flatMap((group) => group.rules);
    assert.deepEqual(
      rules.filter(({ health }) => health !== "ok"),
      [],
    );
    for (const { name } of alertsOf(monitoredUntil(0), 365)) {
      assert.ok(
        rules.some((rule) => rule.name === name),
        name,
      );
    }
  });

  it("measures what services do", async () => {
    const lag = alertsOf(monitoredUntil(0), 365).find(({ name }) => name === "ConsumerLagHigh")!;
    const [{ metric, value }] = await ask(lag.measures[0]);
    assert.deepEqual(metric, {
      ...{ redpanda_group: "payment-service", redpanda_topic: "system-events" },
    });
    assert.equal(value[1], "2");
    const role = 'platform_postgres_role_connection_limit{role="user_service_app"}';
    assert.equal((await ask(role))[0].value[1], "40");
  });

  const ofDeadLetters = async () =>
    (await firing()).filter(({ labels }) => labels.alertname === "DeadLetters");

  it("raises an alert for a dead letter, of which Alertmanager hears", async () => {
    const [{ labels }] = await until(ofDeadLetters, ({ length }) => length === 1);
    assert.equal(labels.redpanda_topic, DEAD_LETTERS);
    const asked = ["amtool", "alert", "query", "alertname=DeadLetters", "--output=json"];
    await until(
      () =>
        docker(
          "exec",
          `${PREFIX}-alertmanager`,
          ...asked,
          "--alertmanager.url=http://localhost:9093",
        ),
      (found) => found.includes(DEAD_LETTERS),
    );
    // The next scrape sees it, while other tests run.
    await commit(DEAD_LETTERS, "1");
  });

  it("lets the monitoring read no data of services", async () => {
    const { host, port, name, username } = outputs.services["user-service"].database;
    const { trustedCertificates: ca = "" } = outputs;
    const read = (container: string, file: string) =>
      docker("exec", `${PREFIX}-${container}`, "cat", `/etc/platform/${file}`);
    const password = await read("postgres-exporter", "postgres-password");
    const connect = async (database: string, statement: string) => {
      const login = { host, port, database, user: "platform_monitor", password, ssl: { ca } };
      const client = new Client(login);
      try {
        await client.connect();
        return (await client.query<{ found: string }>(statement)).rows[0].found;
      } finally {
        await client.end().catch(() => undefined);
      }
    };
    const roles = `select rolname as found from pg_roles where rolname = '${username}'`;
    assert.equal(await connect("postgres", roles), username);
    await assert.rejects(connect(name, roles), /no pg_hba\.conf entry/);
    await assert.rejects(connect("postgres", "create table t (id int)"), /permission denied/);

    const passwords = JSON.parse(await read("redis-exporter", "redis-passwords.json")) as Record<
      string,
      string
    >;
    const { cache } = outputs.services["user-service"];
    const client = createClient({
      socket: { host: cache.host, port: cache.port, tls: true, ca, reconnectStrategy: false },
      username: "platform-monitor",
      password: Object.values(passwords)[0],
    });
    client.on("error", () => undefined);
    await client.connect();
    try {
      assert.match(await client.info("stats"), /keyspace_misses/);
      for (const command of [
        ["GET", "user-service:1"],
        ["KEYS", "*"],
        ["CONFIG", "GET", "*"],
      ]) {
        await assert.rejects(client.sendCommand(command), /NOPERM/, command[0]);
      }
    } finally {
      client.destroy();
    }
  });

  it("has nothing to change in a second run", async () => {
    const plan = await checkout.npmOk("preview", ["--stack", STACK]);
    assert.match(plan, new RegExp(`^Plan for stack ${STACK}: \\d+ unchanged$`, "m"));
  });

  it("ends the alert once a service has read its dead letter", async () => {
    await until(ofDeadLetters, ({ length }) => length === 0);
  });

  describe("has alerts of which promtool says", () => {
    const folder = mkdtempSync(join(tmpdir(), "promtool-"));
    const tests: PromtoolTest[] = writePromtoolTests(folder);
    let results: Record<string, string>;
    before(async () => {
      // The container's own user reads them.
      chmodSync(folder, 0o755);
      const container = `${PREFIX}-prometheus`;
      await docker("cp", folder, `${container}:/tmp/alerts`);
      const files = tests.map(({ file }) => `/tmp/alerts/${file}`);
      const { stdout, stderr } = await run("docker", [
        ...["exec", container, "promtool", "test", "rules", ...files],
      ]);
      results = promtoolResults(stdout + stderr);
    });
    after(() => rmSync(folder, { recursive: true }));

    for (const { alert, fires, file } of tests) {
      it(`${alert} ${fires ? "fires" : "does not fire"} (${file})`, () => {
        assert.equal(results[file], "SUCCESS");
      });
    }
  });
});

interface Target {
  labels: Record<string, string>;
  health: string;
}
