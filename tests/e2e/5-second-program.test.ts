import assert from "node:assert/strict";
import { rmSync } from "node:fs";

import { platform } from "./support/hooks";

const STACK = ["--stack", "organization/user-service/second"];

describe("A second program", () => {
  const pulumi = async (...args: string[]) => {
    const { checkout } = platform();
    const folder = checkout.path("examples", "second-program");
    const { code, stdout, stderr } = await checkout.pulumi(...args, ...STACK, "--cwd", folder);
    assert.equal(code, 0, stderr + stdout);
    return stdout;
  };

  before(async () => {
    await pulumi("stack", "init", "--no-select");
    await pulumi("config", "set", "platform", "organization/learning-platform/dev");
  });
  after(async () => {
    await pulumi("destroy", "--yes");
    await pulumi("stack", "rm", "--yes");
    rmSync(platform().checkout.path("examples", "second-program", "Pulumi.second.yaml"), {
      force: true,
    });
  });

  it("takes the platform's addresses and logins through a typed reference", async () => {
    await pulumi("up", "--yes", "--skip-preview");
    const { services, servicesRevision } = platform().outputs;
    const outputs = JSON.parse(
      await pulumi("stack", "output", "--json", "--show-secrets"),
    ) as object;
    assert.deepEqual(outputs, {
      databaseUrl: services["user-service"].database.url,
      kafka: services["user-service"].kafka.bootstrapServers,
      revision: servicesRevision,
    });
  });

  it("keeps secret what is secret there", async () => {
    const { password } = platform().outputs.services["user-service"].database;
    const shown = JSON.parse(await pulumi("stack", "output", "--json")) as Record<string, unknown>;
    assert.equal(shown.databaseUrl, "[secret]");
    const state = await pulumi("stack", "export");
    assert.ok(state.includes("databaseUrl"));
    assert.ok(!state.includes(password));
  });

  it("has nothing to change in a second update", async () => {
    assert.match(await pulumi("preview", "--diff"), /unchanged/);
  });
});
