import assert from "node:assert/strict";
import { statSync } from "node:fs";

import { docker } from "./support/docker";
import { platform } from "./support/hooks";

/** Every password in the outputs, with where it was found. */
function passwords(value: unknown, path = ""): [path: string, password: string][] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "password" ? [[`${path}.${key}`, String(inner)]] : passwords(inner, `${path}.${key}`),
  );
}

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
      const found = passwords(platform().outputs);
      assert.ok(found.length >= 20, `${found.length} passwords to look for`);
      const leaked = found.filter(([, password]) => text.includes(password));
      assert.deepEqual(
        leaked.map(([path]) => path),
        [],
      );
    });
  }

  it("differ from each other, but for a user's one password on the broker and its registry", () => {
    const found = passwords(platform().outputs).filter(
      ([path]) => !path.includes("schemaRegistry"),
    );
    assert.equal(new Set(found.map(([, password]) => password)).size, found.length);
  });

  it("are opened by a passphrase that only its owner may read", () => {
    const { mode } = statSync(platform().checkout.path(".platform", "passphrase"));
    assert.equal(mode & 0o777, 0o600);
  });
});
