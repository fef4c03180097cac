import assert from "node:assert/strict";

import {
  containerLog,
  containersOn,
  type DockerKind,
  type DockerObject,
  ensureDocker,
  inspectObject,
  listContainers,
  listNetworks,
  listVolumes,
  readMemory,
} from "../../../../cli/machine/docker";
import { withDocker, withEnvironment } from "../support/environment";

const unheard = (line: string) => assert.fail(`said: ${line}`);

describe("the Docker Engine", () => {
  it("is used silently where it answers", async () => {
    await withDocker("echo 20.10.24", async () => {
      assert.strictEqual(await ensureDocker(unheard), undefined);
    });
  });

  it("is reported as missing with the reason and what to do; none is installed where DOCKER_HOST is set", async () => {
    await withDocker("echo 'Cannot connect to tcp://there:2375' >&2; exit 1", () =>
      withEnvironment({ DOCKER_HOST: "tcp://there:2375" }, async () => {
        const fault = (await ensureDocker(unheard)) ?? "";
        assert.match(fault, /^No Docker Engine answers \(Cannot connect to tcp:\/\/there:2375\)\./);
        assert.match(fault, /Start Docker, or point DOCKER_HOST at an engine on this machine\.$/);
      }),
    );
  });

  for (const limit of [true, false]) {
    it(`reports the memory of its machine, and that limits are ${limit ? "" : "not "}enforced`, () =>
      withDocker(`echo 2147483648 ${limit}`, async () => {
        assert.deepStrictEqual(await readMemory(), { totalMb: 2_048, isLimited: limit });
      }).then((calls) =>
        assert.deepStrictEqual(calls, ["info --format {{.MemTotal}} {{.MemoryLimit}}"]),
      ));
  }

  it("lists the containers that use a volume, stopped ones, too, and the running ones that use a network", async () => {
    const calls = await withDocker("echo one; echo two", async () => {
      assert.deepStrictEqual(await containersOn("volume", "data"), ["one", "two"]);
      assert.deepStrictEqual(await containersOn("network", "net"), ["one", "two"]);
    });
    assert.deepStrictEqual(calls, [
      "ps --all --filter volume=data --format {{.Names}}",
      "ps --filter network=net --format {{.Names}}",
    ]);
  });

  // Written down from the documentation: moby docs/api/v1.41.yaml and v1.51.yaml, podman#11645 and #13720.
  const answers: [engine: string, answer: object][] = [
    [
      "API 1.41",
      {
        Name: "/lp-postgres",
        State: { Status: "running", Running: true, Health: { Status: "healthy", Log: [] } },
        NetworkSettings: {
          IPAddress: "172.17.0.4",
          Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "7000" }], "9/tcp": null },
        },
      },
    ],
    [
      "API 1.44 and later, with a start interval and without an address of its own",
      {
        Name: "/lp-postgres",
        State: { Status: "running", Running: true, Health: { Status: "healthy", Log: null } },
        Config: {
          Labels: null,
          Healthcheck: { Interval: 1_000_000_000, StartInterval: 1_000_000_000 },
        },
        NetworkSettings: {
          Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "7000" }] },
          Networks: { "lp-network": { DNSNames: ["lp-postgres"] } },
        },
      },
    ],
    [
      "Podman's command before 4.1",
      {
        Name: "lp-postgres",
        State: { Status: "running", Running: true, Healthcheck: { Status: "healthy", Log: null } },
        NetworkSettings: { Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "7000" }] } },
      },
    ],
  ];
  for (const [engine, answer] of answers) {
    it(`is read correctly: ${engine}`, async () => {
      const inspected = [{ Config: { Labels: null }, ...answer }];
      await withDocker(
        `case "$1" in ps) echo one;; inspect) echo '${JSON.stringify(inspected)}';; esac`,
        async () => {
          const [{ name, health, labels, ports }, ...others] = await listContainers();
          assert.deepStrictEqual(
            [name, health, labels, ports],
            ["lp-postgres", "healthy", {}, [7000]],
          );
          assert.deepStrictEqual(others, []);
        },
      );
    });
  }

  it("lists every container with its health, labels, published ports and networks", async () => {
    const inspected = [
      {
        Id: "c1",
        Name: "/lp-postgres",
        State: { Status: "running", Health: { Status: "healthy" } },
        Config: { Labels: { "learning-platform.stack": "dev" } },
        NetworkSettings: {
          Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "7000" }], "9/tcp": null },
          Networks: { "lp-network": { NetworkID: "n1" } },
        },
      },
      {
        Id: "c2",
        Name: "/other",
        // After a kill, Docker keeps the last result of the health check.
        State: { Status: "exited", Health: { Status: "healthy" } },
        Config: { Labels: null },
        NetworkSettings: { Ports: null },
      },
    ];
    const script = `case "$1" in ps) echo one; echo two;; inspect) echo '${JSON.stringify(inspected)}';; esac`;
    const calls = await withDocker(script, async () => {
      assert.deepStrictEqual(await listContainers(), [
        {
          ...{ id: "c1", name: "lp-postgres", status: "running", health: "healthy" },
          labels: { "learning-platform.stack": "dev" },
          ports: [7000],
          networks: [{ id: "n1", name: "lp-network" }],
        },
        {
          ...{ id: "c2", name: "other", status: "exited", health: "exited" },
          ...{ labels: {}, ports: [], networks: [] },
        },
      ]);
    });
    assert.deepStrictEqual(calls, ["ps -aq", "inspect one two"]);
  });

  it("lists no container where there is none", async () => {
    await withDocker("", async () => assert.deepStrictEqual(await listContainers(), []));
  });

  const objects: [kind: DockerKind, described: object, expected: Partial<DockerObject>][] = [
    [
      "container",
      { Id: "77ab", Created: "2026-11-23T10:00:00Z", Config: { Labels: { a: "b" } } },
      { id: "77ab", labels: { a: "b" } },
    ],
    ["network", { Id: "8a1f", Created: "2026-11-23T10:00:00Z", Labels: {} }, { id: "8a1f" }],
    ["volume", { CreatedAt: "2026-11-23T10:00:00Z", Labels: null }, { id: "lp-data" }],
  ];
  for (const [kind, described, expected] of objects) {
    it(`finds a ${kind} by its name, with its labels and creation time`, () =>
      withDocker(`echo '${JSON.stringify([described])}'`, async () =>
        assert.deepStrictEqual(await inspectObject(kind, "lp-data"), {
          kind,
          name: "lp-data",
          created: "2026-11-23T10:00:00Z",
          labels: {},
          ...expected,
        }),
      ).then((calls) => assert.deepStrictEqual(calls, [`${kind} inspect lp-data`])));
  }

  it("finds no object with an unknown name", async () => {
    await withDocker("echo '[]'; exit 1", async () =>
      assert.strictEqual(await inspectObject("volume", "lp-data"), undefined),
    );
  });

  it("lists volumes by name, and networks by id and name", async () => {
    const script = `case "$1" in volume) echo lp-data; echo other;; network) echo n1 bridge;; esac`;
    const calls = await withDocker(script, async () => {
      assert.deepStrictEqual(await listVolumes(), ["lp-data", "other"]);
      assert.deepStrictEqual(await listNetworks(), [{ id: "n1", name: "bridge" }]);
    });
    assert.deepStrictEqual(calls, [
      "volume ls --format {{.Name}}",
      "network ls --no-trunc --format {{.ID}} {{.Name}}",
    ]);
  });

  it("lists no volume and no network where there is none", () =>
    withDocker("", async () => {
      assert.deepStrictEqual(await listVolumes(), []);
      assert.deepStrictEqual(await listNetworks(), []);
    }));

  it("returns the last lines that a container logged, of both streams", async () => {
    const calls = await withDocker("echo out; echo err >&2", async () => {
      assert.strictEqual(await containerLog("lp-postgres", 5), "out\nerr");
    });
    assert.deepStrictEqual(calls, ["logs --tail 5 lp-postgres"]);
  });
});
