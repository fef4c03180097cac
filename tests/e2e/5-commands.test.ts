import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";

import { type Result } from "../../cli/machine/run";
import type { ServiceConnections } from "../../contract/connections";
import { withDatabase, withRedis } from "./support/clients";
import { docker, networkOf } from "./support/docker";
import { platform } from "./support/hooks";

const npm = (command: string, ...args: string[]) => platform().checkout.npm(command, args);
const ok = (command: string, ...args: string[]) => platform().checkout.npmOk(command, args);

/** Everything that a command printed, which must be a refusal for people and not a stack trace. */
function refusal({ code, stdout, stderr }: Result): string {
  assert.equal(code, 1, stdout + stderr);
  assert.doesNotMatch(stderr, /\n {4}at /);
  return stderr;
}

const passwords = () =>
  [...JSON.stringify(platform().outputs).matchAll(/"password":"([^"]+)"/g)].map(
    ([, password]) => password,
  );

describe("npm run status", () => {
  it("shows a stack in order on one screen, and changes nothing", async () => {
    const before = readFileSync(stateOfDev(), "utf8");
    const text = await ok("status");
    assert.match(
      text,
      /^Stack dev runs 5 of 5 containers; nothing is pending, nothing was changed by hand\.$/m,
    );
    assert.match(text, /Redis, sessions +localhost:6380 +healthy +learning-platform-redis-session/);
    assert.match(text, /payment_service_db +ready +\d+ +0 +0 +0 +0 +0/);
    assert.match(text, /Next:\n {2}nothing/);
    assert.ok(text.split("\n").length < 30);
    assert.equal(readFileSync(stateOfDev(), "utf8"), before);
  });

  it("says what was changed by hand, and what to do, in text and in JSON without a password", async () => {
    const { administrators } = platform().outputs;
    const { username, password } = administrators.redis!;
    const url = `redis://${username}:${password}@localhost:6379`;
    await withRedis(url, (client) =>
      client.sendCommand(["ACL", "SETUSER", "content-service", "+info"]),
    );
    try {
      const [text, json] = await Promise.all([ok("status"), ok("status", "--json")]);
      assert.match(text, /1 thing was changed by hand\.$/m);
      assert.match(text, /npm run up +repairs what was changed by hand/);
      assert.ok(passwords().every((secret) => !json.includes(secret)));
      const { drift, next } = JSON.parse(json) as { drift: object[]; next: { command: string }[] };
      assert.equal(drift.length, 1);
      assert.deepEqual(
        next.map(({ command }) => command),
        ["npm run preview", "npm run up"],
      );
    } finally {
      await withRedis(url, (client) =>
        client.sendCommand(["ACL", "SETUSER", "content-service", "-info"]),
      );
    }
  });
});

const stateOfDev = () =>
  platform().checkout.path(".platform/state/.pulumi/stacks/learning-platform/dev.json");

describe("npm run doctor", () => {
  it("finds no fault on a machine with a stack that runs", async () => {
    const text = await ok("doctor");
    assert.match(text, /^ok +Docker +/m);
    assert.match(text, /^ok +Ports +5432, 6379, .* are the stack's own, or free$/m);
    assert.match(text, /^ok +State +dev: no operation is pending$/m);
    assert.match(text, / 0 faults$/m);
  });

  it("says that Docker does not answer, with the rest, and ends with 1", async () => {
    const { checkout } = platform();
    const { code, stdout } = await checkout.npm("doctor", [], { DOCKER_HOST: "unix:///nowhere" });
    assert.equal(code, 1);
    assert.match(stdout, /^fault +Docker +no engine answers/m);
    assert.match(stdout, /^ok +State +dev/m);
  });

  it("removes the lock of a process that has ended, and only when it is asked to", async () => {
    const { checkout } = platform();
    const file = checkout.path(".platform/locks/dev.json");
    const { pid } = spawnSync("true");
    const holder = {
      pid,
      hostname: hostname(),
      username: "u",
      timestamp: "t",
      command: "npm run up",
    };
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(holder));
    assert.match(
      await ok("doctor"),
      /^warning +Locks .*has ended and left \.platform\/locks\/dev\.json$/m,
    );
    assert.ok(existsSync(file));
    assert.match(await ok("doctor", "--fix"), /^Fixed: removed \.platform\/locks\/dev\.json\.$/m);
    assert.ok(!existsSync(file));
  });
});

describe("npm run env", () => {
  it("gives the services' settings as they are in the outputs", async () => {
    const text = await ok("env", "user-service", "--format", "json", "--show-secrets");
    assert.deepEqual(JSON.parse(text), platform().outputs.services["user-service"]);
  });

  it("shows no password unless it is asked to", async () => {
    for (const format of ["dotenv", "spring", "shell"]) {
      const { stdout, stderr } = await npm("env", "user-service", "--format", format);
      assert.ok(
        passwords().every((password) => !(stdout + stderr).includes(password)),
        format,
      );
      assert.match(stderr, /--show-secrets/);
    }
  });

  it("writes a file that only its owner can read, with logins that work", async () => {
    const { checkout } = platform();
    await ok("env", "content-service", "--show-secrets", "--output", ".env");
    const file = checkout.path(".env");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const [, json] = /^PLATFORM_CONTENT_SERVICE=(.*)$/m.exec(readFileSync(file, "utf8"))!;
    const { database, cache } = JSON.parse(json) as ServiceConnections;
    const select = "select current_user::text as name";
    const { rows } = await withDatabase(database.url, (client) => client.query(select));
    assert.deepEqual(rows, [{ name: "content_service_app" }]);
    assert.equal(await withRedis(cache.url, (client) => client.get("content-service:x")), null);
    rmSync(file);
  });

  it("gives a container on the network addresses that answer there", async () => {
    const text = await ok(
      "env",
      ...["user-service", "--network", "containers", "--format", "json", "--show-secrets"],
    );
    const { database, cache, session, kafka, schemaRegistry } = JSON.parse(
      text,
    ) as ServiceConnections;
    const addresses = [
      `${database.host} ${database.port}`,
      `${cache.host} ${cache.port}`,
      `${session!.host} ${session!.port}`,
      ...kafka.bootstrapServers.split(",").map((server) => server.replace(":", " ")),
      new URL(schemaRegistry!.url).host.replace(":", " "),
    ];
    const { accessPoints } = platform().outputs;
    const network = await networkOf(accessPoints.postgres.container);
    const probes = addresses.map((address) => {
      const [host, port] = address.split(" ");
      return `exec 3<>/dev/tcp/${host}/${port} && echo ${host}:${port}`;
    });
    const image = await docker("inspect", "--format", "{{.Image}}", accessPoints.kafka.container);
    const answered = await docker(
      ...["run", "--rm", "--network", network, "--entrypoint", "bash", image],
      ...["-c", probes.join("\n")],
    );
    assert.deepEqual(
      answered.split("\n"),
      addresses.map((address) => address.replace(" ", ":")),
    );
  });

  it("refuses the file where the JDBC driver needs none", async () => {
    const result = await npm("env", "user-service", "--format", "spring", "--ca-file", "ca.crt");
    assert.match(refusal(result), /has no authorities of its own/);
    assert.ok(!existsSync(platform().checkout.path("ca.crt")));
  });
});

describe("npm run psql", () => {
  it("logs in as the login that --as names", async () => {
    const logins = {
      ...{ readonly: "user_service_readonly", app: "user_service_app" },
      ...{ migrator: "user_service_migrator", admin: "postgres" },
    };
    const query = ["--", "-Atc", "select current_user"];
    const found = await Promise.all(
      Object.keys(logins).map(async (role) => {
        return (await ok("psql", "user_service_db", "--as", role, ...query)).trim();
      }),
    );
    assert.deepEqual(found, Object.values(logins));
  });

  it("only reads by default, and ends with psql's exit code", async () => {
    const write = "delete from users where false";
    const { code, stderr } = await npm("psql", "user_service_db", "--", "-c", write);
    assert.equal(code, 1);
    assert.match(stderr, /permission denied for table users/);
  });

  it("shows a password in no command line while it runs", async () => {
    const seen = "select 1 from pg_sleep(2)";
    const running = npm("psql", "user_service_db", "--as", "app", "--", "-Atc", seen);
    const lines: string[] = [];
    let ended = false;
    void running.finally(() => (ended = true));
    while (!ended) {
      lines.push(...(await commandLines()));
    }
    assert.equal((await running).code, 0);
    assert.ok(
      lines.some((line) => line.includes("pg_sleep")),
      "psql was seen",
    );
    assert.ok(passwords().every((password) => !lines.some((line) => line.includes(password))));
  });

  it("names the databases that there are", async () => {
    const text = refusal(await npm("psql", "nowhere_db"));
    assert.match(text, /no database nowhere_db. It has: .*user_service_db/);
  });
});

/** Command lines of all processes of the machine, those in containers included. */
async function commandLines(): Promise<string[]> {
  const { readdir, readFile } = await import("node:fs/promises");
  const ids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
}

describe("npm run redis", () => {
  it("runs a command as the administrator, and as a service with its own keys", async () => {
    const key = `user-service:${randomUUID()}`;
    const as = ["--as", "user-service", "--"];
    assert.equal((await ok("redis", "cache", ...as, "set", key, "1", "EX", "60")).trim(), "OK");
    assert.equal((await ok("redis", "cache", "--", "get", key)).trim(), "1");
    assert.match(await ok("redis", "session", ...as, "acl", "whoami"), /user-service/);
    const { stdout, stderr } = await npm("redis", "cache", ...as, "get", "content-service:x");
    assert.match(stdout + stderr, /NOPERM/);
  });

  it("refuses a service that has no login there", async () => {
    const text = refusal(await npm("redis", "session", "--as", "payment-service"));
    assert.match(text, /payment-service has no login to Redis \(session\)/);
  });
});

describe("npm run topic", () => {
  it("lists what a user may see", async () => {
    const all = await ok("topic", "list");
    assert.match(all, /^agent-events +8 /m);
    const own = await ok("topic", "list", "--as", "payment-service", "--json");
    const names = (JSON.parse(own) as { name: string }[]).map(({ name }) => name);
    assert.ok(names.includes("payment-events"));
    assert.ok(!names.includes("agent-events"));
  });

  for (const topic of ["learning-platform-events", "analytics-events"]) {
    it(`writes to ${topic} and reads it back, compressed by the broker as the topic says`, async () => {
      const value = JSON.stringify({ id: randomUUID(), text: "x".repeat(400) });
      const as = ["--as", "user-service"];
      await ok("topic", "produce", topic, value, ...as, "--key", "k", "--header", "a=b");
      const text = await ok("topic", "tail", topic, "--tail", "50", "--json");
      const messages = text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { key: string; value: string; headers: object });
      const found = messages.find((message) => message.value === value);
      assert.deepEqual([found?.key, found?.headers], ["k", { a: "b" }]);
    });
  }

  it("says who may not write what, and which topic there is not", async () => {
    const denied = await npm("topic", "produce", "payment-events", "x", "--as", "user-service");
    assert.match(refusal(denied), /user-service may not do that on payment-events/);
    assert.match(refusal(await npm("topic", "tail", "nothing")), /There is no topic nothing/);
  });
});

describe("npm run logs", () => {
  it("shows the lines of one container, and those of several with their names", async () => {
    const one = await ok("logs", "postgres", "--tail", "all");
    assert.match(one, /ready to accept connections/);
    const two = await ok("logs", "redis", "redis-session", "--tail", "5");
    const names = new Set(
      two
        .trim()
        .split("\n")
        .map((line) => line.split(" | ")[0].trim()),
    );
    assert.deepEqual([...names].sort(), ["redis", "redis-session"]);
  });

  it("names the containers that there are, and passes on what docker refuses", async () => {
    const text = refusal(await npm("logs", "kafka"));
    assert.match(text, /no container kafka. It has: postgres, redis, redis-session, redpanda/);
    assert.match(refusal(await npm("logs", "redis", "--since", "yesterday")), /yesterday|since/);
  });
});
