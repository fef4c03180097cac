import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { Plan } from "../../../../cli/plan/plan";
import { DATABASES } from "../../../support/contract";
import { ROOT } from "../../support/program";

/** Plans a new stack in a process of its own, because the program takes the SDK's global state. */
function planIn(root: string, stack: string): Plan {
  const code = `
    require("./cli/plan/new-stack").planNewStack(${JSON.stringify(stack)})
      .then((plan) => console.log(JSON.stringify(plan)));`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--require", path.join(ROOT, "node_modules", "tsx/dist/cjs/index.cjs"), "-e", code],
    { cwd: root, encoding: "utf8" },
  );
  assert.strictEqual(status, 0, stderr);
  assert.strictEqual(stderr, "");
  return JSON.parse(stdout) as Plan;
}

describe("the plan of a new stack", function () {
  this.timeout(60_000);

  describe("of stack dev", () => {
    let plan: Plan;
    before(() => (plan = planIn(ROOT, "dev")));

    it("creates everything, and nothing else", () => {
      assert.deepStrictEqual(plan.errors, []);
      assert.deepStrictEqual(Object.keys(plan.counts), ["create"]);
      assert.strictEqual(plan.counts.create, plan.changes.length);
      assert.deepStrictEqual([plan.unchanged, plan.kept, plan.losses], [0, [], []]);
      assert.ok(plan.hasWork);
    });

    it("has each container with its ports and memory", () => {
      const postgres = plan.containers.find(({ service }) => service === "postgres");
      assert.deepStrictEqual(postgres, {
        action: "create",
        service: "postgres",
        name: "learning-platform-postgres",
        ports: [5432],
        memoryMb: 512,
        keptVolumes: [],
      });
      assert.strictEqual(plan.containers.length, 5);
    });

    it("has volumes, network and images by name", () => {
      assert.deepStrictEqual(plan.networks, [
        { action: "create", name: "learning-platform-network" },
      ]);
      assert.strictEqual(plan.volumes.length, 4);
      assert.deepStrictEqual(plan.images.map(({ kind, name }) => `${kind} ${name}`).sort(), [
        "console docker.redpanda.com/redpandadata/console:v3.12.0",
        "postgres postgres:16-alpine",
        "redis redis:7.4-alpine",
        "redpanda docker.redpanda.com/redpandadata/redpanda:v26.2.3",
      ]);
    });

    it("has every migration file of every database as pending", () => {
      assert.deepStrictEqual(
        plan.migrations.map(({ database, isNew }) => [database, isNew]),
        Object.values(DATABASES)
          .map(({ database }) => [database, true])
          .sort(),
      );
      for (const { versioned, repeatable, pending } of plan.migrations) {
        assert.strictEqual(pending.length, versioned + repeatable);
        assert.ok(
          versioned > 0 && pending.every(({ checksum }) => /^[0-9a-f]{64}$/.test(checksum)),
        );
      }
    });

    it("has the addresses of the services", () => {
      assert.deepStrictEqual(plan.accessPoints.postgres, {
        container: "learning-platform-postgres",
        address: "localhost:5432",
        internalAddress: "learning-platform-postgres:5432",
      });
    });
  });

  describe("of a checkout with a fault", () => {
    let root: string;
    beforeEach(() => {
      root = mkdtempSync(path.join(tmpdir(), "learning-platform-new-stack-"));
      const parts = [
        "catalog",
        "certificates",
        "cli",
        "client",
        "components",
        "contract",
        "event-schemas",
        "migration-lint",
      ];
      const more = [
        "migrator",
        "monitoring",
        "offline",
        "policy",
        "runtime",
        "schemas",
        "sql",
        "config.ts",
      ];
      const files = [
        "config-schema.ts",
        "config-archive.ts",
        "config-servers.ts",
        "program.ts",
        "Pulumi.yaml",
        "package.json",
        "tsconfig.json",
      ];
      for (const part of [...parts, ...more, ...files]) {
        cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
      }
      symlinkSync(path.join(ROOT, "node_modules"), path.join(root, "node_modules"));
    });
    afterEach(() => rmSync(root, { recursive: true }));

    const edit = (file: string, from: string, to: string) => {
      const text = readFileSync(path.join(root, file), "utf8");
      assert.ok(text.includes(from), `${file} has ${from}`);
      writeFileSync(path.join(root, file), text.replace(from, to));
    };

    it("names what is wrong with the migration files", () => {
      const folder = path.join(root, "sql", "user_service_db");
      writeFileSync(path.join(folder, "0009_create_gap.sql"), "create table gap ();\n");
      const { errors } = planIn(root, "dev");
      assert.strictEqual(errors.length, 1);
      assert.match(errors[0], /0009_create_gap\.sql/);
      assert.doesNotMatch(errors[0], /^ +at /m, "without a stack trace");
    });

    it("names every setting that the policy forbids", () => {
      edit(
        "components/platform/container.ts",
        'const LOOPBACK = "127.0.0.1"',
        'const LOOPBACK = "0.0.0.0"',
      );
      const { errors } = planIn(root, "dev");
      assert.strictEqual(errors.length, 1);
      const [first, ...violations] = errors[0].split("\n");
      assert.strictEqual(first, "The policy forbids what stack dev would create:");
      assert.ok(violations.length >= 5, errors[0]);
      assert.ok(
        violations.every((line) => line.includes("Container")),
        errors[0],
      );
    });

    it("shows where a bug is", () => {
      edit(
        "program.ts",
        "const config = loadConfig();",
        'const config = loadConfig(); throw new TypeError("no");',
      );
      const { errors } = planIn(root, "dev");
      assert.strictEqual(errors.length, 1);
      assert.match(errors[0], /^Unhandled exception: TypeError: no\n +at declarePlatform/);
    });
  });
});
