import assert from "node:assert/strict";

import { passwordsOf, rotate } from "../../../../cli/commands/rotate";

const urn = (name: string) => `urn:pulumi:dev::learning-platform::a$b$c::${name}`;
const PASSWORD = "random:index/randomPassword:RandomPassword";

describe("the passwords of a rotation", () => {
  it("are those that bear the service's name, in every system, and no other's", () => {
    const own = [
      "user-service-migrator-password",
      "user-service-app-password",
      "redis-user-service-password",
      "redis-session-user-service-password",
      "events-user-service-password",
    ];
    const others = ["postgres-password", "redis-password", "events-content-service-password"];
    const resources = [
      ...[...own, ...others].map((name) => ({ urn: urn(name), type: PASSWORD })),
      { urn: urn("user-service-app"), type: "postgresql:index/role:Role" },
    ];
    assert.deepStrictEqual(passwordsOf("user-service", resources), own.map(urn));
  });

  for (const words of [[], ["postgres"], ["platform-console"], ["user-service", "now"]]) {
    it(`are not looked for when it is called with "${words.join(" ")}"`, async () => {
      await assert.rejects(
        rotate({ command: "rotate", words, stack: "dev", offline: "never", own: {} }),
        /NAME is one of user-service, agent-orchestrator, content-service, payment-service, platform-ops/,
      );
    });
  }
});
