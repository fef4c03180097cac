import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { withDatabase, withRedis } from "./support/clients";
import { docker, named } from "./support/docker";
import { platform } from "./support/hooks";

const idOf = (container: string) => docker("inspect", "--format", "{{.Id}}", container);

describe("Stack dev", () => {
  it("keeps its data when the PostgreSQL and session containers are replaced", async () => {
    const { checkout, outputs } = platform();
    const { database, session } = outputs.services["user-service"];
    await withDatabase(database.url, (client) =>
      client.query(
        `insert into users (email, password_hash, first_name, last_name)
         values ('kept@example.com', 'x', 'Kept', 'Row')`,
      ),
    );
    await withRedis(session!.url, (client) => client.set("user-service:kept", "yes"));
    const containers = ["learning-platform-postgres", "learning-platform-redis-session"];
    const before = await Promise.all(containers.map(idOf));

    const file = checkout.path("Pulumi.dev.yaml");
    const settings = readFileSync(file, "utf8");
    writeFileSync(
      file,
      `${settings.trimEnd()}\n  learning-platform:postgresMemoryMb: 640\n  learning-platform:redisMemoryMb: 160\n`,
    );
    assert.match(
      await checkout.npmOk("up"),
      /^Replaces the container learning-platform-postgres: PostgreSQL is down .* stays in the volume learning-platform-postgres-data\.$/m,
    );

    const after = await Promise.all(containers.map(idOf));
    assert.ok(
      after.every((id, index) => id !== before[index]),
      "both containers are new ones",
    );
    const { rows } = await withDatabase(database.url, (client) =>
      client.query("select first_name from users where email = 'kept@example.com'"),
    );
    assert.deepEqual(rows, [{ first_name: "Kept" }]);
    assert.equal(await withRedis(session!.url, (client) => client.get("user-service:kept")), "yes");
  });

  it("restarts a container that somebody stopped", async () => {
    const { checkout } = platform();
    await docker("stop", "-t", "5", "learning-platform-redis");
    const refresh = [...checkout.devFlags(), "--yes", "--skip-preview"];
    const { code, stdout, stderr } = await checkout.pulumi("refresh", ...refresh);
    assert.equal(code, 0, stdout + stderr);
    await checkout.npmOk("up");
    const url = platform().outputs.services["user-service"].cache.url;
    assert.equal(await withRedis(url, (client) => client.ping()), "PONG");
  });

  it("recreates a container that somebody removed, with its data", async () => {
    const { checkout, outputs } = platform();
    await docker("rm", "-f", "learning-platform-redis-session");
    const printed = await checkout.npmOk("up");
    assert.match(printed, /^  container learning-platform-redis-session: not running$/m);
    const { url } = outputs.services["user-service"].session!;
    assert.equal(await withRedis(url, (client) => client.get("user-service:kept")), "yes");
  });

  it("comes back with its data after its containers and network were pruned", async () => {
    const { checkout, outputs } = platform();
    const own = ["--force", "--filter", "label=learning-platform.stack=dev"];
    await docker("stop", "-t", "10", ...(await named("container", "learning-platform-", "dev")));
    await docker("container", "prune", ...own);
    await docker("network", "prune", ...own);
    assert.deepEqual(await named("network", "learning-platform-", "dev"), []);

    const printed = await checkout.npmOk("up");
    assert.match(printed, /^  network learning-platform-network: missing$/m);
    const { database, session } = outputs.services["user-service"];
    const { rowCount } = await withDatabase(database.url, (client) =>
      client.query("select from users where email = 'kept@example.com'"),
    );
    assert.equal(rowCount, 1);
    assert.equal(await withRedis(session!.url, (client) => client.get("user-service:kept")), "yes");
    assert.match(await checkout.npmOk("up"), /^Plan for stack dev: \d+ unchanged$/m);
  });

  it("cannot be destroyed while it is protected, and can be unprotected again", async () => {
    const { checkout } = platform();
    const file = checkout.path("Pulumi.dev.yaml");
    const settings = readFileSync(file, "utf8");
    let printed: string;
    try {
      writeFileSync(file, settings.replace("protect: false", "protect: true"));
      assert.match(await checkout.npmOk("up"), /^The protection of 25 resources changes$/m);
      const { code, stderr } = await checkout.npm("down");
      assert.equal(code, 1);
      assert.match(stderr, /Stack dev protects 25 resources/);
      for (const flags of [["--yes"], ["--yes", "--skip-preview"]]) {
        const destroy = await checkout.pulumi("destroy", ...checkout.devFlags(), ...flags);
        assert.notEqual(destroy.code, 0, `destroy ${flags.join(" ")}`);
        assert.match(destroy.stdout, /destroy-guard" cannot be deleted/);
      }
      assert.equal((await named("container", "learning-platform-", "dev")).length, 5);
    } finally {
      writeFileSync(file, settings);
      printed = await checkout.npmOk("up");
    }
    // No resource was recreated, and none was missing in the state.
    assert.match(printed, /^Plan for stack dev: \d+ unchanged$/m);
  });

  it("is not destroyed halfway if a foreign container uses its volume or network", async () => {
    const { checkout } = platform();
    const network = "learning-platform-network";
    const volume = "learning-platform-redis-data";
    // A container that never ran uses the volume. A running one uses the network.
    const image = ["--entrypoint", "sleep", "redis:7.4-alpine", "600"];
    try {
      await docker("create", "--name", "foreign-files", "-v", `${volume}:/data`, ...image);
      await docker("run", "-d", "--name", "foreign-peer", "--network", network, ...image);
      const { code, stderr } = await checkout.npm("down");
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`container foreign-files uses the volume ${volume},`));
      assert.match(stderr, new RegExp(`container foreign-peer uses the network ${network},`));
      assert.equal((await named("container", "learning-platform-", "dev")).length, 5);
    } finally {
      await docker("rm", "-f", "foreign-files", "foreign-peer");
    }
  });

  it("leaves no container, volume, network or file after down", async () => {
    const { checkout, filesBefore } = platform();
    await checkout.npmOk("down");
    for (const kind of ["container", "volume", "network"] as const) {
      assert.deepEqual(await named(kind, "learning-platform-", "dev"), [], kind);
    }
    assert.ok(!existsSync(checkout.path(".platform")));
    const left = Object.keys(checkout.fingerprint()).filter((file) => !(file in filesBefore));
    assert.deepEqual(
      left.filter((file) => !file.startsWith("sql/") && !/old-node/.test(file)),
      [],
    );
  });
});
