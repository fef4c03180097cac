import assert from "node:assert/strict";

import { passwordsOf, rotate } from "../../../../cli/commands/rotate";
import { refuses } from "../support/command";

const urn = (name: string) => `urn:pulumi:dev::learning-platform::a$b$c::${name}`;
const PASSWORD = "random:index/randomPassword:RandomPassword";

describe("the passwords of a rotation", () => {
  it("are those with the service's name, in every system, and no others", () => {
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

  const refused: [args: string[], message: RegExp][] = [
    [[], /missing required argument 'user'/],
    [["user-service", "now"], /too many arguments/],
    ...["postgres", "platform-console"].map((name): [string[], RegExp] => [
      [name],
      /one of user-service, agent-orchestrator, content-service, payment-service, platform-ops\. docs\/rotation\.md/,
    ]),
  ];
  for (const [args, message] of refused) {
    it(`are not renewed for "${args.join(" ")}"`, () => refuses(rotate, args, message));
  }
});
