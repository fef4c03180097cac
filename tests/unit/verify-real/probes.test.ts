import assert from "node:assert/strict";

import * as probes from "../../../tools/verify-real/probes";
import { CouldNotTell, type RunningStack } from "../../../tools/verify-real/row";

interface Answers {
  /** What docker prints. */
  docker?: string;
  /** Status, or status and body, by method and path. */
  http?: Record<string, number | [number, string]>;
  redis?: (command: string[]) => unknown;
}

function stackOf({ docker = "", http = {}, redis }: Answers): RunningStack {
  const login = { username: "user-service", password: "p" };
  return {
    container: (role) => role,
    urls: { admin: "http://a", registry: "http://r", console: "http://c" },
    administrator: { username: "platform-admin", password: "p" },
    service: login,
    docker: () => Promise.resolve({ code: 0, stdout: docker, stderr: "" }),
    http: (url, { method = "GET" } = {}) => {
      const answer = http[`${method} ${url}`];
      assert.ok(answer !== undefined, `${method} ${url}`);
      const [status, body] = typeof answer === "number" ? [answer, ""] : answer;
      return Promise.resolve({ status, body });
    },
    postgresClientAddress: () => Promise.resolve("172.18.0.1"),
    redis: (command) => Promise.resolve(redis?.(command)),
  };
}

describe("a probe of the real parts", () => {
  it("shows the broker's lines about missing permissions, and nothing if there are none", async () => {
    const docker = "Started\nunable to chown temp config file: operation not permitted\n";
    assert.match(await probes.permissionErrors(stackOf({ docker })), /^unable to chown/);
    assert.strictEqual(await probes.permissionErrors(stackOf({ docker: "Started\n" })), "");
  });

  it("shows a cluster property, or that the admin API does not have it", async () => {
    const look = probes.clusterProperty("k");
    const at = (answer: number | [number, string]) =>
      look(stackOf({ http: { "GET http://a/v1/cluster_config?key=k": answer } }));
    assert.strictEqual(await at([200, '{"k": false}']), "false");
    assert.strictEqual(await at([200, '{"k": "disabled"}']), '"disabled"');
    assert.strictEqual(await at(403), "status 403");
    await assert.rejects(at(404), CouldNotTell);
  });

  it("shows the answers to a service that changes another service's schema, and none for an unknown path", async () => {
    const at = (made: number, deleted: number) =>
      probes.foreignSchema(
        stackOf({
          http: {
            "POST http://r/subjects/payment-events-value/versions": made,
            "DELETE http://r/subjects/payment-events-value": deleted,
          },
        }),
      );
    assert.strictEqual(await at(200, 200), "200 200");
    assert.strictEqual(await at(200, 403), "200 403");
    await assert.rejects(at(404, 200), CouldNotTell);
  });

  it("shows whether the Console's page deleted a schema", async () => {
    const subject = "http://r/subjects/verify-real-value";
    const at = (left: number) =>
      probes.schemaAfterConsole(
        stackOf({
          http: {
            [`POST ${subject}/versions`]: 200,
            "DELETE http://c/api/schema-registry/subjects/verify-real-value?permanent=false": 200,
            [`GET ${subject}/versions`]: left,
            [`DELETE ${subject}`]: 200,
          },
        }),
      );
    assert.strictEqual(await at(200), "still there");
    assert.strictEqual(await at(404), "deleted (the Console answered 200)");
  });

  it("adds up the containers' memory, and does not accept a zero", async () => {
    const of = (lines: string[]) => probes.memoryMb(stackOf({ docker: lines.join("\n") }));
    const five = [
      "30MiB / 1GiB",
      "4MiB / 1GiB",
      "1.25GiB / 2GiB",
      "512KiB / 1GiB",
      "35.5MiB / 1GiB",
    ];
    assert.strictEqual(await of(five), "1350 MiB");
    await assert.rejects(of(["0B / 0B", ...five.slice(1)]), CouldNotTell);
    await assert.rejects(of(five.slice(1)), CouldNotTell);
  });

  it("lists the Redis commands without a key that a service may run", async () => {
    const command = (name: string, arity: number, keys: unknown[], below: unknown[] = []) => {
      const rest = [0, 0, 0, [], [], keys, below];
      return [name, arity, [], ...rest];
    };
    const commands = [
      command("get", 2, [["spec"]]),
      command("flushall", -1, []),
      command("leak", 2, []),
      command("client", -2, [], [command("client|id", 2, [])]),
    ];
    const asked: string[] = [];
    const redis = (words: string[]) => {
      if (words[0] === "COMMAND") {
        return commands;
      }
      asked.push(words.slice(3).join(" "));
      return words[3] === "flushall" ? "User user-service has no permissions" : "OK";
    };
    assert.strictEqual(await probes.keylessCommands(stackOf({ redis })), "client|id leak");
    assert.deepStrictEqual(asked, ["flushall", "leak 1", "client id"]);
  });
});
