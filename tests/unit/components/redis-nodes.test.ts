import assert from "node:assert/strict";

import { PORT_KEYS, type PortKey, PORTS_PER_BLOCK } from "../../../catalog/servers";
import type { ServiceConnections } from "../../../contract/connections";
import { type Recorded, resolved, TYPES } from "../support/mocks";
import { loading, type Program, runProgram } from "../support/program";

const PREFIX = "learning-platform-pr-7";

describe("The program with further nodes of Redis", () => {
  let program: Program;
  let recorded: Recorded;
  before(
    loading(async () => {
      program = await runProgram("pr-7", { redisSessionReplica: true, redisCacheCluster: true });
      ({ recorded } = program);
    }),
  );

  const container = (name: string) => recorded.only(TYPES.container, `${name}-container`).inputs;
  const configOf = (name: string): string =>
    container(name).uploads.find(({ file }: { file: string }) => file.endsWith("redis.conf"))
      .content;

  for (const [name, key] of [
    ["redis", "redisPort"],
    ["redis-2", "redis2Port"],
    ["redis-3", "redis3Port"],
  ] as const) {
    it(`makes ${name} a node of a cluster, with one port inside and outside`, () => {
      const [{ internal, external, ip }] = container(name).ports;
      assert.deepEqual([internal, ip], [external, "127.0.0.1"]);
      assert.equal(external % PORTS_PER_BLOCK, PORT_KEYS.indexOf(key));
      const config = configOf(name);
      assert.match(config, new RegExp(`^port ${external}$`, "m"));
      assert.match(config, /^cluster-enabled yes$/m);
      assert.match(config, new RegExp(`^cluster-announce-hostname ${PREFIX}-${name}$`, "m"));
      assert.match(config, /^maxmemory-policy allkeys-lfu$/m);
    });
  }

  it("gives every node of a server the same administrator, and a volume of its own", () => {
    const volumes = ["redis", "redis-2", "redis-3", "redis-session", "redis-session-replica"].map(
      (name) => container(name).volumes[0].volumeName,
    );
    assert.equal(new Set(volumes).size, 5);
    const passwords = recorded.all(TYPES.password).map(({ name }) => name);
    assert.ok(!passwords.some((name) => /redis-[23]|session-replica-/.test(name)));
  });

  it("makes each user on each node", () => {
    const replicasOf = (name: string) =>
      recorded
        .only("pulumi-nodejs:dynamic/redis:User", name)
        .inputs.replicas.map(({ port }: { port: number }) => port % PORTS_PER_BLOCK);
    const positions = (...keys: PortKey[]) => keys.map((key) => PORT_KEYS.indexOf(key));
    assert.deepEqual(replicasOf("redis-user-service"), positions("redis2Port", "redis3Port"));
    assert.deepEqual(
      replicasOf("redis-session-user-service"),
      positions("redisSessionReplicaPort"),
    );
  });

  it("hands out all nodes, and what those of the cluster announce", async () => {
    const { value } = await resolved(program.outputs.services["user-service"]);
    const { cache, session } = value as ServiceConnections;
    const [first, second, third] = cache.cluster!.nodes.split(",");
    assert.equal(first, `localhost:${cache.port}`);
    const portOf = (address: string) => address.split(":")[1];
    assert.equal(
      cache.cluster!.announcedNodes,
      [
        `${PREFIX}-redis:${portOf(first)}`,
        `${PREFIX}-redis-2:${portOf(second)}`,
        `${PREFIX}-redis-3:${portOf(third)}`,
      ].join(","),
    );
    assert.equal(session!.nodes!.split(",")[0], `localhost:${session!.port}`);
    assert.equal(session!.nodes!.split(",").length, 2);
  });
});
