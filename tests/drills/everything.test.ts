/** Every key at once that adds servers: what is tried one by one elsewhere must also work together. It needs 9 GiB of memory. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { readArchiveState } from "../../cli/recover/state";
import { parseNodes } from "../../client/src/redis/node-addresses";
import { connected } from "../../components/redis/redis-client";
import { archiveOn } from "../e2e/support/archived-stack";
import { withDatabase } from "../e2e/support/clients";
import { docker, named } from "../e2e/support/docker";
import { until } from "../e2e/support/running";
import { type S3Server, startS3 } from "../e2e/support/s3-server";
import { SpringService } from "../e2e/support/spring-service";
import { UpgradableStack } from "../e2e/support/upgradable-stack";
import { build, hasJdk, NO_JDK } from "../support/maven";

const STACK = "everything";
const SERVICE = "user-service";
/** Of the four in a row, and of those 10,000 above. */
const S3_PORT = 9_380;
const KINDS = ["container", "volume", "network"] as const;
/** A public key of age, whose other half nobody needs here. */
const RECIPIENT = "age1u2z7mkdg8ypf3ppnnugd33tpqesdhzy5pmkkgw9m6jx7ckstlezsl68dss";
const PATIENCE_MS = 180_000;
/** Longer than any alert waits before it fires for what is wrong from the start. */
const QUIET_MS = 90_000;

describe("A stack with everything", function () {
  // Nothing can be said of a stack that is not up.
  this.bail(true);
  let s3: S3Server;
  let on: UpgradableStack;

  before(async function () {
    s3 = await startS3(this, S3_PORT);
    on = new UpgradableStack(STACK);
  });
  after(async () => {
    await on?.checkout.cleanUp(STACK);
    await s3?.remove();
  });

  const npmOk = (command: string, ...args: string[]) =>
    on.checkout.npmOk(command, [...args, "--stack", STACK]);
  const objects = async () =>
    (await Promise.all(KINDS.map((kind) => named(kind, on.prefix, STACK)))).flat();

  async function prometheus<T>(path: string): Promise<T> {
    const { address } = on.outputs.accessPoints.prometheus;
    const answer = await fetch(`${address}/api/v1/${path}`);
    return ((await answer.json()) as { data: T }).data;
  }

  /** Whether readers of a service are on a replica. */
  const readersOf = (service: string) =>
    withDatabase(
      on.outputs.services[service].databaseReadonly.url,
      async (client) => (await client.query("select pg_is_in_recovery() as replica")).rows,
      on.outputs.trustedCertificates,
    );

  it("comes up", async () => {
    await on.configure(
      ...["protect: false", "brokers: 3", "monitoring: true", "grafana: false"],
      ...["postgresReplicas: 2", "redisCacheCluster: true", "redisSessionReplica: true"],
      ...[`walArchive: ${JSON.stringify(archiveOn(s3))}`],
      ...["backupTo: backups", `backupRecipient: ${RECIPIENT}`, "backupEveryHours: 24"],
    );
    await npmOk("backup");
    await until(async () => {
      const state = await readArchiveState(`${on.prefix}-wal-archiver`);
      return state !== undefined && state.backup !== null && state.waitingFiles === 0;
    }, PATIENCE_MS);
  });

  it("is verified, and has nothing to change", async () => {
    await on.isRight();
    assert.match(await npmOk("preview"), /^Plan for stack everything: \d+ unchanged$/m);
  });

  it("gives services replicas to read from, one here and one there", async () => {
    const services = Object.values(on.outputs.services);
    const ports = new Set(services.map(({ databaseReadonly: { port } }) => port));
    assert.equal(ports.size, 2);
    for (const service of Object.keys(on.outputs.services)) {
      assert.deepEqual(await readersOf(service), [{ replica: true }], service);
    }
  });

  it("serves Spring Boot, whose cache is spread over the nodes", async function () {
    if (!hasJdk()) {
      process.stdout.write(NO_JDK);
      this.skip();
    }
    const folder = on.checkout.path("examples", "spring-service");
    await npmOk(
      "env",
      ...[SERVICE, "--format", "spring", "--show-secrets"],
      ...["--output", "examples/spring-service/application.yml"],
      ...["--ca-file", join(folder, "ca.crt")],
    );
    await build(folder, "package");
    const spring = new SpringService(folder, {});
    try {
      const url = await spring.url();
      const ids = await Promise.all(Array.from({ length: 30 }, () => register(url)));
      for (const id of [...ids, ...ids]) {
        const response = await fetch(`${url}/users/${id}`);
        assert.equal(((await response.json()) as { id: string }).id, id);
      }
      const { cache, trustedCertificates } = on.outputs.services[SERVICE];
      const held = await Promise.all(
        parseNodes(cache.cluster!.nodes).map((node) =>
          connected({ ...node, ...cache, ...node, trusted: trustedCertificates }, async (send) => {
            const found = ids.map((id) => send("EXISTS", `${SERVICE}:users::${id}`).catch(() => 0));
            return (await Promise.all(found)).filter(Boolean).length;
          }),
        ),
      );
      // By chance alone, 30 keys leave no third of the slots empty (0.0016 %).
      assert.ok(
        held.every((count) => count > 0),
        held.join(),
      );
      assert.equal(
        held.reduce((sum, count) => sum + count),
        ids.length,
      );
    } finally {
      await spring.stop();
    }
  });

  async function register(url: string): Promise<string> {
    const response = await fetch(`${url}/users`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: `${randomUUID()}@example.com`, firstName: "A", lastName: "B" }),
    });
    assert.equal(response.status, 201);
    return response.text();
  }

  it("is watched as a whole, without an alert", async () => {
    await until(async () => {
      const { activeTargets } = await prometheus<{ activeTargets: { health: string }[] }>(
        "targets",
      );
      return activeTargets.length > 0 && activeTargets.every(({ health }) => health === "up");
    }, PATIENCE_MS);
    await sleep(QUIET_MS);
    const { alerts } = await prometheus<{ alerts: { labels: { alertname: string } }[] }>("alerts");
    assert.deepEqual(
      alerts.map(({ labels }) => labels.alertname),
      [],
    );
  });

  it("loses a server of each kind with its volume, and has them again after an up", async () => {
    await on.write("kept");
    await on.sees("kept");
    for (const role of ["postgres-replica-2", "redis-3", "redis-session-replica"]) {
      const server = `${on.prefix}-${role}`;
      const volumes = await docker(
        "inspect",
        "--format",
        '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}',
        server,
      );
      await docker("rm", "-f", "-v", server);
      const own = volumes.split(/\s+/).filter((volume) => volume.startsWith(server));
      await Promise.all(own.map((volume) => docker("volume", "rm", volume)));
    }
    await docker("kill", `${on.prefix}-redpanda-2`);
    await npmOk("up");
    await on.read();
    assert.deepEqual(await on.titles(on.reader()), ["kept"]);
    await until(async () => {
      const { code } = await on.checkout.npm("verify", ["--stack", STACK]);
      return code === 0;
    }, PATIENCE_MS);
    await on.isRight();
  });

  it("leaves nothing behind when it is destroyed", async () => {
    assert.ok((await objects()).length > 20);
    await npmOk("down");
    assert.deepEqual(await objects(), []);
  });
});
