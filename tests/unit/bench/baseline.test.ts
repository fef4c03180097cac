import assert from "node:assert/strict";

import { composeFile } from "../../../bench/baseline/compose";
import type { Recipe } from "../../../bench/baseline/containers";
import { databaseScripts } from "../../../bench/baseline/facts";
import { countsOf, differences } from "../../../bench/baseline/inventory";
import { ROOT } from "../support/program";

const recipe: Recipe = {
  name: "learning-platform-redpanda",
  hostname: "learning-platform-redpanda",
  network: { name: "learning-platform-network", subnet: "172.20.0.0/16", gateway: "172.20.0.1" },
  image: "redpanda:1",
  entrypoint: ["/bin/bash", "-c", 'exec start "$@"'],
  command: ["--smp", "1"],
  env: ["COST=$5"],
  ports: ["127.0.0.1:19092:19092"],
  volumes: [{ name: "redpanda-data", path: "/data" }],
  memory: 1024,
  health: { test: ["CMD", "ready"], interval: 1000, timeout: 5000, startPeriod: 60000, retries: 5 },
  log: { driver: "json-file", options: { "max-size": "10m" } },
  files: "/files",
};

describe("the Compose file", () => {
  it("has the image, probe, limits, files, volumes and ports of a container, and no variables", () => {
    assert.deepStrictEqual(composeFile([recipe]), {
      name: "learning-platform-bench",
      services: {
        "learning-platform-redpanda": {
          image: "redpanda:1",
          container_name: "learning-platform-redpanda",
          hostname: "learning-platform-redpanda",
          entrypoint: ["/bin/bash", "-c", 'exec start "$$@"'],
          command: ["--smp", "1"],
          environment: ["COST=$$5"],
          ports: ["127.0.0.1:19092:19092"],
          volumes: [
            "redpanda-data:/data",
            "/files/platform:/etc/platform",
            "/files/redpanda/.bootstrap.yaml:/etc/redpanda/.bootstrap.yaml",
          ],
          mem_limit: 1024,
          memswap_limit: 1024,
          restart: "unless-stopped",
          logging: { driver: "json-file", options: { "max-size": "10m" } },
          pull_policy: "never",
          healthcheck: {
            test: ["CMD", "ready"],
            interval: "1000ms",
            timeout: "5000ms",
            start_period: "60000ms",
            retries: 5,
          },
        },
      },
      networks: {
        default: {
          name: "learning-platform-network",
          ipam: { config: [{ subnet: "172.20.0.0/16", gateway: "172.20.0.1" }] },
        },
      },
      volumes: { "redpanda-data": { name: "redpanda-data" } },
    });
  });
});

describe("the script of a database", () => {
  it("creates roles, database and rights, and runs each file of SQL in a transaction as the owner", () => {
    const [script] = databaseScripts(ROOT);
    const lines = script.split("\n").map((line) => line.replace(/'[0-9a-f]{48}'/, "'...'"));
    const from = lines.indexOf("set role user_service_owner;");
    assert.deepStrictEqual(lines.slice(0, 2), [
      "create role user_service_owner nologin noinherit;",
      "create role user_service_migrator login connection limit 3 password '...' noinherit in role user_service_owner;",
    ]);
    assert.ok(from > lines.indexOf("\\connect user_service_db"));
    // Two versioned and four repeatable files, after the transaction that sets the rights.
    assert.strictEqual(lines.slice(0, from).filter((line) => line === "begin;").length, 1);
    assert.strictEqual(lines.slice(from).filter((line) => line === "begin;").length, 6);
    assert.strictEqual(lines.slice(from).filter((line) => line === "commit;").length, 6);
  });
});

describe("the comparison of stack and scripts", () => {
  const stack = { roles: ["a", "b"], topics: ["t 3"] };

  it("finds nothing where both made the same", () => {
    assert.deepStrictEqual(differences(stack, { topics: ["t 3"], roles: ["a", "b"] }), []);
  });

  it("names what only one of them made, of each kind", () => {
    assert.deepStrictEqual(differences(stack, { roles: ["a"], topics: ["t 5"], tables: ["x"] }), [
      "roles: only stack: b",
      "topics: only stack: t 3",
      "topics: only scripts: t 5",
      "tables: only scripts: x",
    ]);
  });

  it("counts each kind", () => {
    assert.strictEqual(countsOf(stack), "2 roles, 1 topics");
  });
});
