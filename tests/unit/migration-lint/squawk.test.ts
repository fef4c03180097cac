import assert from "node:assert/strict";

import { LintError } from "../../../migration-lint";
import { findSquawk } from "../../../migration-lint/squawk";
import { lint } from "./support/migrations";

/** Runs `use` as if on another platform. */
function on<T>(platform: string, arch: string, use: () => T): T {
  const real = { platform: process.platform, arch: process.arch };
  const pretend = (values: typeof real | Record<string, string>) =>
    Object.entries(values).forEach(([key, value]) =>
      Object.defineProperty(process, key, { value, configurable: true, enumerable: true }),
    );
  pretend({ platform, arch });
  try {
    return use();
  } finally {
    pretend(real);
  }
}

describe("Squawk's binary", () => {
  it("is found on this platform", () => {
    assert.match(findSquawk(), /squawk/);
  });

  const missing: [title: string, platform: string, arch: string, message: RegExp][] = [
    ["is not made for", "linux", "riscv64", /unsupported platform "linux-riscv64"/],
    ["was not installed for", "darwin", "arm64", /"@squawk-cli\/darwin-arm64" .* not installed/],
  ];
  for (const [title, platform, arch, message] of missing) {
    it(`is reported as missing on a platform that it ${title}`, () => {
      on(platform, arch, () =>
        assert.throws(findSquawk, (error) => {
          assert.ok(error instanceof LintError);
          assert.match(error.message, message);
          assert.match(error.message, /no locking rule is checked/);
          return true;
        }),
      );
    });
  }

  const broken: [title: string, binary: string, message: RegExp][] = [
    ["does not exist", "/nowhere/squawk", /\/nowhere\/squawk.* did not lint .*ENOENT/],
    // Such a binary may end before it reads its input; the message then says EPIPE.
    ["prints nothing and succeeds", "/bin/true", /did not lint .*(status 0|EPIPE)/],
    ["prints nothing and fails", "/bin/false", /did not lint .*(status 1|EPIPE)/],
    ["prints something else", "/bin/echo", /did not lint/],
  ];
  for (const [title, binary, message] of broken) {
    it(`makes the lint fail if it ${title}`, async () => {
      await assert.rejects(lint("select 1;", { binary }), (error) => {
        assert.ok(error instanceof LintError);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});
