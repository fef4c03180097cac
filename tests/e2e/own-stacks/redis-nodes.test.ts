/** Sessions with a replica, and a cache that is a cluster: what a loss of one of their nodes leaves. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";

import { createCluster } from "@redis/client";

import type { Report } from "../../../cli/verify/report";
import { Platform, type ServiceConnections } from "../../../client/src";
import { addressMap, parseNodes } from "../../../client/src/redis/node-addresses";
import { connected } from "../../../components/redis/redis-client";
import { Checkout } from "../support/checkout";
import type { Outputs } from "../support/clients";
import { docker, named } from "../support/docker";
import { readOutputs } from "../support/hooks";
import { until } from "../support/running";

const STACK = "redis-nodes";
const PREFIX = `learning-platform-${STACK}`;
const SERVICE = "user-service";
const KEYS = 1_000;

interface User {
  name: string;
}

describe("Redis with further nodes, encrypted", () => {
  let checkout: Checkout;
  let outputs: Outputs;
  let service: ServiceConnections;
  let client: Platform;
  let session: string;
  const warnings: string[] = [];

  before(async () => {
    checkout = new Checkout();
    const lines = [
      ...["protect: false", "fsync: false", "tls: true", "console: false"],
      ...["redisMemoryMb: 64", "redisSessionReplica: true", "redisCacheCluster: true"],
    ].map((line) => `  learning-platform:${line}\n`);
    writeFileSync(checkout.path(`Pulumi.${STACK}.yaml`), `config:\n${lines.join("")}`);
    await checkout.npmOk("up", ["--stack", STACK]);
    outputs = await readOutputs(checkout, STACK);
    service = outputs.services[SERVICE];
    client = new Platform(SERVICE, {
      connections: service,
      cacheReadLimitMs: 3_000,
      log: { warn: (message) => void warnings.push(message) },
    });
    session = await client.sessions<User>().create({ name: "Ada" });
  });
  after(async () => {
    await client?.close();
    await checkout.cleanUp(STACK);
    for (const kind of ["container", "volume", "network"] as const) {
      assert.deepEqual(await named(kind, PREFIX, STACK), [], `a ${kind} is left`);
    }
  });

  /** Acts on one node as a service. */
  const onNode = <T>(
    address: string,
    { username, password }: { username: string; password: string },
    ...command: string[]
  ) => {
    const [node] = parseNodes(address);
    const trusted = service.trustedCertificates;
    return connected({ ...node, username, password, trusted }, (send) =>
      send(...command),
    ) as Promise<T>;
  };

  const faults = async (): Promise<string[]> => {
    const { stdout } = await checkout.npm("verify", ["--stack", STACK, "--json"]);
    const { lines } = JSON.parse(stdout) as Report;
    return lines
      .filter(({ verdict }) => verdict !== "right")
      .map(({ what, found }) => `${what}: ${found}`);
  };

  /** A client of Redis Cluster with the settings that are handed out, and nothing else. */
  function plainCluster() {
    const { username, password, cluster } = service.cache;
    return createCluster({
      rootNodes: parseNodes(cluster!.nodes).map((socket) => ({ socket })),
      nodeAddressMap: addressMap(cluster!),
      defaults: { username, password, socket: { tls: true, ca: service.trustedCertificates } },
    });
  }

  /** Fails on any error, also on one that the client has mended. */
  async function onCluster<T>(
    act: (cluster: ReturnType<typeof plainCluster>) => Promise<T>,
  ): Promise<T> {
    const errors: unknown[] = [];
    const plain = plainCluster();
    plain.on("error", (error) => errors.push(error));
    try {
      await plain.connect();
      const result = await act(plain);
      assert.deepEqual(errors, []);
      return result;
    } finally {
      plain.destroy();
    }
  }

  const keys = Array.from({ length: KEYS }, (_, index) => `${SERVICE}:host:${index}`);

  const readAll = () => onCluster((cluster) => Promise.all(keys.map((key) => cluster.get(key))));

  it("give each service its users on every node, and nobody else's keys", async () => {
    const { redisSession, redisSessionReplica, redis, redis2, redis3 } = outputs.accessPoints;
    for (const point of [redisSession, redisSessionReplica]) {
      assert.equal(
        await onNode(point.address, service.session!, "ACL", "WHOAMI").catch(String),
        SERVICE,
      );
    }
    for (const point of [redis, redis2, redis3]) {
      await assert.rejects(
        onNode(point.address, service.cache, "GET", "payment-service:x"),
        /NOPERM/,
      );
    }
  });

  it("exchange primary and replica without losing a session, and up leaves it so", async () => {
    const printed = await checkout.npmOk("failover", ["sessions", "--stack", STACK, "--yes"]);
    assert.match(printed, new RegExp(`${PREFIX}-redis-session-replica is the primary`));
    // The client had the other one.
    assert.deepEqual(await client.sessions<User>().read(session), { name: "Ada" });
    await client.sessions<User>().save(session, { name: "Grace" });
    const replica = outputs.accessPoints.redisSession.address;
    await assert.rejects(onNode(replica, service.session!, "SET", `${SERVICE}:x`, "1"), /READONLY/);
    const up = await checkout.npmOk("up", ["--stack", STACK]);
    assert.match(up, /^Plan .*: \d+ unchanged$/m);
    assert.deepEqual(await client.sessions<User>().read(session), { name: "Grace" });
  });

  it("keep their roles over a restart of both", async () => {
    await docker("restart", `${PREFIX}-redis-session`, `${PREFIX}-redis-session-replica`);
    assert.deepEqual(await client.sessions<User>().read(session), { name: "Grace" });
    const role = await onNode<Record<string, unknown>>(
      outputs.accessPoints.redisSessionReplica.address,
      service.session!,
      "HELLO",
    );
    assert.equal(role.role, "master");
  });

  it("take 1,000 keys from a client on the host, over all nodes", async () => {
    await onCluster(async (cluster) => {
      await Promise.all(keys.map((key) => cluster.set(key, key)));
      assert.equal(cluster.masters.length, 3);
    });
    assert.deepEqual(await readAll(), keys);
  });

  it("take 1,000 keys from a container, by the names that the nodes announce", async () => {
    const { username, password } = service.cache;
    const [{ host, port }] = parseNodes(service.cache.cluster!.announcedNodes);
    const script = (command: string) =>
      `seq 1 ${KEYS} | sed 's/.*/${command}/' | redis-cli -c -h ${host} -p ${port} --tls --cacert /etc/platform/tls/ca.crt --no-auth-warning --user ${username}`;
    const from = (command: string) =>
      docker(
        ...["exec", "-e", `REDISCLI_AUTH=${password}`, `${PREFIX}-redis-session`, "sh", "-c"],
        script(command),
      );
    const written = (await from(`set ${SERVICE}:net:& &`)).split("\n");
    assert.equal(written.filter((line) => line === "OK").length, KEYS);
    const read = (await from(`get ${SERVICE}:net:&`)).split("\n");
    assert.deepEqual(
      read.filter((line) => /^\d+$/.test(line)),
      Array.from({ length: KEYS }, (_, index) => String(index + 1)),
    );
  });

  it("cache for the services' client, also while a node is away and after it", async () => {
    const cache = client.cache<User>("users");
    const load = async (key: string) => ({ name: key });
    const ids = Array.from({ length: 30 }, (_, index) => String(index));
    const allHit = async () => {
      const before = cache.statistics().hits;
      await Promise.all(ids.map((id) => cache.get(id, load)));
      return cache.statistics().hits === before + ids.length;
    };
    // It connects in the background.
    await until(allHit, 30_000);
    await docker("stop", `${PREFIX}-redis-3`);
    const found = await Promise.all(ids.map((id) => cache.get(id, load)));
    assert.deepEqual(
      found,
      ids.map((name) => ({ name })),
    );
    await docker("start", `${PREFIX}-redis-3`);
    await until(allHit, 60_000);
  });

  it("are made again by up after volumes are lost, with what the others have", async () => {
    await docker("rm", "--force", `${PREFIX}-redis-2`, `${PREFIX}-redis-session-replica`);
    await docker("volume", "rm", `${PREFIX}-redis-2-data`, `${PREFIX}-redis-session-replica-data`);
    await checkout.npmOk("up", ["--stack", STACK]);
    // It had been the primary.
    assert.deepEqual(await client.sessions<User>().read(session), { name: "Grace" });
    await client.sessions<User>().save(session, { name: "Joan" });
    await onCluster((cluster) => Promise.all(keys.map((key) => cluster.set(key, key))));
    assert.deepEqual(await readAll(), keys);
    let found = await faults();
    // On a busy machine, a server may take longer to answer than drift waits for it.
    for (const end = Date.now() + 60_000; found.some(isSilence) && Date.now() < end;) {
      found = await faults();
    }
    assert.deepEqual(found, []);
  });
});

const isSilence = (fault: string) => /: (no answer|timeout expired)$/.test(fault);
