import assert from "node:assert/strict";

import { parse } from "yaml";

import { type Recorded, resolved, TYPES } from "../../support/mocks";
import { bareProgram, loading, runProgram } from "../../support/program";

const HOSTS = ["learning-platform-three-redpanda"];
HOSTS.push(...[2, 3].map((number) => `${HOSTS[0]}-${number}`));
const NAMES = ["redpanda", "redpanda-2", "redpanda-3"];

interface Upload {
  file: string;
  content: string;
}

describe("a stack with three brokers", () => {
  before(loading(bareProgram));

  let recorded: Recorded;
  let outputs: Awaited<ReturnType<typeof runProgram>>["outputs"];
  before(
    loading(
      async () => ({ recorded, outputs } = await runProgram("three", { brokers: 3, tls: true })),
    ),
  );

  const container = (name: string) => recorded.only(TYPES.container, `${name}-container`);
  const uploadsOf = (name: string) =>
    new Map(
      (container(name).inputs.uploads as unknown as Upload[]).map(({ file, content }) => [
        file,
        content,
      ]),
    );

  it("runs each in a container of its own with a volume, on ports of its own", () => {
    assert.deepStrictEqual(
      NAMES.map((name) => container(name).inputs.name),
      HOSTS,
    );
    assert.deepStrictEqual(
      NAMES.map((name) => recorded.only(TYPES.volume, `${name}-data`).inputs.name),
      HOSTS.map((host) => `${host}-data`),
    );
    const ports = NAMES.flatMap((name) =>
      (container(name).inputs.ports as unknown as { internal: number; external: number }[]).map(
        ({ internal }) => `${name} ${internal}`,
      ),
    );
    assert.deepStrictEqual(ports, [
      ...["redpanda 19092", "redpanda 8081", "redpanda 9644"],
      ...["redpanda-2 19092", "redpanda-3 19092"],
    ]);
  });

  it("starts none of them after another one, which would never become ready", () => {
    const keys = NAMES.map((name) => container(name).key);
    for (const name of NAMES) {
      const waitsFor = container(name).dependsOn.filter((key) => keys.includes(key));
      assert.deepStrictEqual(waitsFor, [], name);
    }
  });

  it("lets what lives on the cluster wait for all of them", () => {
    const { dependsOn } = recorded.only(TYPES.kafkaUser, "events-platform-console");
    for (const name of NAMES) {
      assert.ok(dependsOn.includes(container(name).key), name);
    }
    assert.deepStrictEqual(
      recorded
        .all(TYPES.topic)
        .filter((topic) => !topic.dependsOn.includes(recorded.only(TYPES.copies).key)),
      [],
    );
  });

  it("gives each the same cluster, first settings and first user: any of the three may found it", () => {
    const [first, ...others] = NAMES.map((name) => uploadsOf(name));
    for (const file of ["/etc/redpanda/.bootstrap.yaml", "/etc/platform/bootstrap-user"]) {
      assert.ok(first.get(file));
      assert.deepStrictEqual(
        others.map((uploads) => uploads.get(file)),
        [first.get(file), first.get(file)],
      );
    }
    assert.strictEqual(
      parse(first.get("/etc/redpanda/.bootstrap.yaml")!).default_topic_replications,
      3,
    );
    const seeds = NAMES.map(
      (name) => parse(uploadsOf(name).get("/etc/platform/redpanda.yaml")!).redpanda.seed_servers,
    );
    assert.deepStrictEqual(seeds, [seeds[0], seeds[0], seeds[0]]);
  });

  it("gives each a certificate that the others accept", () => {
    const isClient = ["postgres", "redpanda", "redpanda2", "redpanda3"].map(
      (server) => recorded.only(TYPES.certificate, `certificates-${server}`).inputs.isClient,
    );
    assert.deepStrictEqual(isClient, [undefined, true, true, true]);
  });

  it("keeps three copies of each topic, and raises those that have fewer before", () => {
    const topics = recorded.all(TYPES.topic);
    assert.deepStrictEqual(
      new Set(topics.map(({ inputs }) => inputs.replicationFactor)),
      new Set([3]),
    );
    const { inputs } = recorded.only(TYPES.copies);
    assert.strictEqual(inputs.copies, 3);
    assert.deepStrictEqual(
      [...(inputs.topics as unknown as string[])].sort(),
      topics.map((topic) => topic.inputs.name).sort(),
    );
  });

  it("names all three to services, and each as an access point", async () => {
    const { value: service } = await resolved(outputs.services["user-service"]);
    assert.match(service.kafka.bootstrapServers, /^localhost:\d+,localhost:\d+,localhost:\d+$/);
    const points = outputs.accessPoints as Record<
      string,
      { container: string; address: string; internalAddress: string }
    >;
    assert.strictEqual(points.kafka.address, service.kafka.bootstrapServers);
    assert.strictEqual(points.kafka.internalAddress, HOSTS.map((host) => `${host}:9092`).join(","));
    assert.deepStrictEqual(
      [points.kafka, points.kafka2, points.kafka3].map(({ container: name }) => name),
      HOSTS,
    );
    assert.strictEqual(
      [points.kafka2.address, points.kafka3.address].join(","),
      service.kafka.bootstrapServers.split(",").slice(1).join(","),
    );
  });

  it("with one broker makes nothing of the sort", async () => {
    const { recorded: one, outputs: plain } = await bareProgram();
    assert.deepStrictEqual(one.all(TYPES.copies), []);
    assert.ok(!one.resources.some(({ name }) => /redpanda-?[23]/.test(name)));
    assert.ok(!Object.keys(plain.accessPoints).some((name) => /kafka[23]/.test(name)));
  });
});
