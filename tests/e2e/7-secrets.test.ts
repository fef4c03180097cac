import assert from "node:assert/strict";
import { statSync } from "node:fs";

import { docker } from "./support/docker";
import { platform } from "./support/hooks";
import { generatedPasswords } from "./support/passwords";

describe("The secrets of stack dev", () => {
  const places: Record<string, () => Promise<string>> = {
    "the exported state": async () =>
      (await platform().checkout.pulumi("stack", "export", "--stack", "dev")).stdout,
    "the outputs": async () =>
      (await platform().checkout.pulumi("stack", "output", "--json", "--stack", "dev")).stdout,
    "preview --json": async () => {
      const { checkout } = platform();
      return (await checkout.pulumi("preview", ...checkout.devFlags(), "--json")).stdout;
    },
    "what up printed": async () => platform().upOutput,
    "docker inspect": async () => {
      const ids = await docker("ps", "-aq", "--filter", "label=learning-platform.stack=dev");
      return docker("inspect", ...ids.split("\n"));
    },
  };

  for (const [place, read] of Object.entries(places)) {
    it(`are not in clear in ${place}`, async () => {
      const text = await read();
      assert.ok(text.length > 200, "there is something to look through");
      const found = await generatedPasswords();
      // 12 of database roles, 6 of Redis users, 6 of the broker's, and 4 of administrators.
      assert.equal(found.length, 28);
      assert.ok(found.every(({ password }) => /^\w{32}$/.test(password)));
      const leaked = found.filter(({ password }) => text.includes(password));
      assert.deepEqual(
        leaked.map(({ urn }) => urn),
        [],
      );
    });
  }

  it("differ from each other", async () => {
    const found = await generatedPasswords();
    assert.equal(new Set(found.map(({ password }) => password)).size, found.length);
  });

  it("are opened by a passphrase that only its owner may read", () => {
    const { mode } = statSync(platform().checkout.path(".platform", "passphrase"));
    assert.equal(mode & 0o777, 0o600);
  });
});
