import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { run } from "../../cli/machine/run";
import { docker, named } from "./support/docker";
import { platform } from "./support/hooks";

/** Runs the act while the checkout has the file of another stack. */
async function withStackFile(stack: string, yaml: string, act: () => Promise<void>) {
  writeFileSync(platform().checkout.path(`Pulumi.${stack}.yaml`), yaml);
  try {
    await act();
  } finally {
    rmSync(platform().checkout.path(`Pulumi.${stack}.yaml`));
  }
}

/** Runs the act while a file of the checkout is changed. */
async function withChange(file: string, found: string, put: string, act: () => Promise<void>) {
  const path = platform().checkout.path(file);
  const before = readFileSync(path, "utf8");
  assert.ok(before.includes(found), `${file} holds ${found}`);
  writeFileSync(path, before.replace(found, put));
  try {
    await act();
  } finally {
    writeFileSync(path, before);
  }
}

describe("The commands refuse", () => {
  it("an invalid configuration, with every error and its key, and create nothing", () =>
    withStackFile(
      "faulty",
      [
        "config:",
        "  learning-platform:postgresPrt: 5432",
        "  learning-platform:kafkaPort: 80",
        "  learning-platform:redisPort: many",
        "  learning-platfrom:protect: false",
        "  learning-platform:postgresImage: postgres:latest",
      ].join("\n"),
      async () => {
        const { code, stderr } = await platform().checkout.npm("up", ["--stack", "faulty"]);
        assert.equal(code, 1);
        assert.match(
          stderr,
          /learning-platform:postgresPrt is unknown; did you mean .*postgresPort/,
        );
        assert.match(stderr, /learning-platform:kafkaPort must be a port from 1024 to 65535.* 80/);
        assert.match(stderr, /learning-platform:redisPort must be a port number, got "many"/);
        assert.match(stderr, /learning-platfrom:protect has an unknown namespace/);
        assert.match(stderr, /learning-platform:postgresImage must not use the tag latest/);
        assert.deepEqual(await named("container", "learning-platform-faulty"), []);
        assert.deepEqual(await named("volume", "learning-platform-faulty"), []);
        assert.deepEqual(await named("network", "learning-platform-faulty"), []);
      },
    ));

  it("a port in use, and name the container that holds it or the command that shows the process", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      await withStackFile(
        "crowded",
        [
          "config:",
          "  learning-platform:protect: false",
          "  learning-platform:postgresPort: 5432",
          `  learning-platform:redisPort: ${port}`,
        ].join("\n"),
        async () => {
          const { code, stderr } = await platform().checkout.npm("up", ["--stack", "crowded"]);
          assert.equal(code, 1);
          assert.match(
            stderr,
            /Port 5432, .* in use by the container learning-platform-postgres\b/,
          );
          assert.match(
            stderr,
            new RegExp(`Port ${port}, .* in use by a process \\(ss -ltnp "sport = :${port}"`),
          );
          assert.deepEqual(await named("container", "learning-platform-crowded"), []);
        },
      );
    } finally {
      server.close();
    }
  });

  it("a wrong passphrase, and say how to give the right one", async () => {
    const { checkout } = platform();
    const { code, stderr } = await checkout.npm("up", [], { PULUMI_CONFIG_PASSPHRASE: "wrong" });
    assert.equal(code, 1);
    assert.match(stderr, /The passphrase does not open the stack's secrets/);
  });

  it("a Docker Engine that does not answer, and say what to do", async () => {
    const { checkout } = platform();
    const { code, stderr } = await checkout.npm("up", [], {
      DOCKER_HOST: "unix:///nowhere/docker.sock",
    });
    assert.equal(code, 1);
    assert.match(stderr, /No Docker Engine answers .*Start Docker, or point DOCKER_HOST/s);
  });

  it("to destroy a stack that does not exist, and list those that do", async () => {
    const { code, stderr } = await platform().checkout.npm("down", ["--stack", "deb"]);
    assert.equal(code, 1);
    assert.match(stderr, /There is no stack deb\. Stacks on this machine: dev\./);
  });

  it("another name prefix, because the data would stay behind", async () => {
    const { checkout } = platform();
    const file = checkout.path("Pulumi.dev.yaml");
    const settings = readFileSync(file, "utf8");
    writeFileSync(file, settings.replace("namePrefix: learning-platform", "namePrefix: other"));
    const { code, stderr } = await checkout.npm("up");
    writeFileSync(file, settings);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /The volume learning-platform-postgres-data would be replaced by an empty one/,
    );
  });

  it("a volume that an earlier run left, and name the command that removes it", async () => {
    await docker("volume", "create", "learning-platform-crowded-redis-data");
    try {
      await withStackFile("crowded", "config: {}\n", async () => {
        const { code, stderr } = await platform().checkout.npm("up", ["--stack", "crowded"]);
        assert.equal(code, 1);
        assert.match(stderr, /docker volume rm learning-platform-crowded-redis-data/);
        assert.deepEqual(await named("container", "learning-platform-crowded"), []);
      });
    } finally {
      await docker("volume", "rm", "learning-platform-crowded-redis-data");
    }
  });

  it("a program that violates the policy, in pulumi preview, with all violations", () =>
    withChange(
      join("components", "platform", "container.ts"),
      'LOOPBACK = "127.0.0.1"',
      'LOOPBACK = "0.0.0.0"',
      async () => {
        const { checkout } = platform();
        const { code, stdout } = await checkout.pulumi("preview", ...checkout.devFlags());
        assert.notEqual(code, 0);
        assert.match(stdout, /The policy forbids what stack dev would create/);
        const faults =
          /Container ([\w-]+): ports\[\d\]\.ip is "0\.0\.0\.0"; allowed: 127\.0\.0\.1/g;
        assert.equal([...stdout.matchAll(faults)].length, 7);
      },
    ));

  it("a program that violates the policy, before any change, if the preview is skipped", () =>
    withChange(
      join("components", "platform", "container.ts"),
      "      memory,\n",
      "      memory: undefined,\n",
      async () => {
        const { checkout } = platform();
        const flags = [...checkout.devFlags(), "--yes", "--skip-preview"];
        const { code, stdout } = await checkout.pulumi("up", ...flags);
        assert.notEqual(code, 0);
        assert.match(stdout, /redis-container: memory is not set; allowed: a limit in MiB/);
        assert.ok(!stdout.includes("learning-platform:platform:DataPlatform"), stdout);
      },
    ));

  const losses: [title: string, put: string, fault: RegExp][] = [
    [
      "a topic with fewer partitions",
      "    - name: test-topic\n      partitions: 2",
      /topic test-topic would be recreated without its records: .* from 3 to 2/,
    ],
    [
      "a topic that the program no longer has",
      "    []",
      /topic test-topic would be deleted with its records, because the program no longer has it/,
    ],
  ];
  for (const [title, put, fault] of losses) {
    it(`${title}, name the key that allows it, and accept it with that key`, () =>
      withChange(
        "Pulumi.dev.yaml",
        "    - name: test-topic\n      partitions: 3",
        put,
        async () => {
          const { checkout } = platform();
          const { code, stderr } = await checkout.npm("up");
          assert.equal(code, 1);
          assert.match(stderr, fault);
          assert.match(stderr, /add test-topic to learning-platform:allowDataLoss/);
          await withChange(
            "Pulumi.dev.yaml",
            "config:\n",
            "config:\n  learning-platform:allowDataLoss: [test-topic]\n",
            async () => {
              const printed = await checkout.npmOk("preview");
              assert.match(printed, /^allowDataLoss lets these lose their data: test-topic$/m);
            },
          );
        },
      ));
  }

  it("an unknown value of an option, and list the allowed ones", async () => {
    const { code, stderr } = await platform().checkout.npm("up", ["--offline", "perhaps"]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /--offline .*'perhaps' is invalid\. Allowed choices are auto, always, never\./,
    );
  });

  it("an old Node.js, before they load anything", async () => {
    const { checkout } = platform();
    const bootstrap = readFileSync(checkout.path("cli", "bootstrap.js"), "utf8");
    const script = `Object.defineProperty(process, "versions", { value: { node: "18.20.0" } });\n${bootstrap}`;
    const file = checkout.path("cli", "old-node.js");
    writeFileSync(file, script.replace('"use strict";', ""));
    const { code, stderr } = await run(process.execPath, [file, "cli/main.ts", "up"]);
    assert.equal(code, 1);
    assert.match(stderr, /^Node\.js 20\.19 or later is needed, this is 18\.20\.0\.$/m);
  });
});
