import assert from "node:assert/strict";

import { docker } from "./support/docker";
import { platform } from "./support/hooks";

interface Inspected {
  Config: {
    Image: string;
    Labels: Record<string, string>;
    Env: string[];
    StopTimeout: number;
    Healthcheck: { Test: string[] };
  };
  State: { Status: string; Health: { Status: string } };
  HostConfig: {
    Memory: number;
    MemorySwap: number;
    RestartPolicy: { Name: string };
    PortBindings: Record<string, { HostIp: string; HostPort: string }[]>;
  };
  Mounts: { Type: string; Name: string }[];
  NetworkSettings: { Networks: Record<string, unknown> };
}

const inspect = async (name: string) =>
  (JSON.parse(await docker("inspect", name)) as Inspected[])[0];

/** The specified containers: host ports, and the data volume if there is one. */
const CONTAINERS: [name: string, ports: string[], volume?: string][] = [
  ["learning-platform-postgres", ["5432"], "learning-platform-postgres-data"],
  ["learning-platform-redis", ["6379"], "learning-platform-redis-data"],
  ["learning-platform-redis-session", ["6380"], "learning-platform-redis-session-data"],
  ["learning-platform-redpanda", ["18081", "19092", "19644"], "learning-platform-redpanda-data"],
  ["learning-platform-redpanda-console", ["8080"]],
];

describe("Containers of stack dev", function () {
  for (const [name, ports, volume] of CONTAINERS) {
    describe(name, () => {
      let container: Inspected;
      before(async () => {
        container = await inspect(name);
      });

      it("is healthy when up returns", () => {
        assert.equal(container.State.Health.Status, "healthy");
      });

      it("publishes its ports only on the loopback address", () => {
        const bindings = Object.values(container.HostConfig.PortBindings).flat();
        assert.deepEqual(bindings.map(({ HostPort }) => HostPort).sort(), ports);
        assert.deepEqual([...new Set(bindings.map(({ HostIp }) => HostIp))], ["127.0.0.1"]);
      });

      it("keeps its data in a named volume, or has no data", () => {
        const volumes = container.Mounts.map(({ Type, Name }) => `${Type} ${Name}`);
        assert.deepEqual(volumes, volume ? [`volume ${volume}`] : []);
      });

      it("has a memory limit without swap, restarts, and is on the platform's network", () => {
        const { Memory, MemorySwap, RestartPolicy } = container.HostConfig;
        assert.ok(Memory > 0 && Memory === MemorySwap, `${Memory} ${MemorySwap}`);
        assert.equal(RestartPolicy.Name, "unless-stopped");
        assert.deepEqual(Object.keys(container.NetworkSettings.Networks), [
          "learning-platform-network",
        ]);
      });

      it("has time to stop, and a health check that asks its own server", () => {
        const { StopTimeout, Healthcheck } = container.Config;
        assert.ok(StopTimeout >= (volume ? 30 : 5), String(StopTimeout));
        assert.match(Healthcheck.Test.join(" "), /127\.0\.0\.1/);
      });

      it("rests before it is probed again", async () => {
        // A probe that looks at this very moment has written that it might fail.
        const found = await docker("exec", name, "cat", "/dev/shm/health");
        assert.match(found, /^(well|failing)$/);
      });

      it("has labels with its project and stack", () => {
        const { Labels } = container.Config;
        assert.equal(Labels["learning-platform.project"], "learning-platform");
        assert.equal(Labels["learning-platform.stack"], "dev");
      });
    });
  }

  it("are listed with their addresses at the end of up", () => {
    const { upOutput } = platform();
    const table = upOutput.slice(upOutput.lastIndexOf("service "));
    for (const [address, container] of [
      ["localhost:5432", "learning-platform-postgres"],
      ["localhost:6379", "learning-platform-redis"],
      ["localhost:6380", "learning-platform-redis-session"],
      ["localhost:19092", "learning-platform-redpanda"],
      ["http://localhost:18081", "learning-platform-redpanda"],
      ["http://localhost:19644", "learning-platform-redpanda"],
      ["http://localhost:8080", "learning-platform-redpanda-console"],
    ]) {
      assert.match(table, new RegExp(`${address} +healthy +${container}\\n`));
    }
  });

  it("start without a change to any file of the checkout", () => {
    const { checkout, filesBefore } = platform();
    assert.deepEqual(checkout.fingerprint(), filesBefore);
  });
});
