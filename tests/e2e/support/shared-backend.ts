import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";

import { parse } from "yaml";

import { Checkout } from "./checkout";
import { Running } from "./running";

const STACK = ["--stack", "pr-1"];

/** The salt of the stack's secrets that a run of the checkout recorded. */
function saltIn(checkout: Checkout): string {
  const settings = readFileSync(checkout.path(".platform", "Pulumi.pr-1.yaml"), "utf8");
  return (parse(settings) as { encryptionsalt: string }).encryptionsalt;
}

/**
 * Declares the tests of a stack that two checkouts share.
 * @param backend starts the backend; returns the environment that names it, and how it is removed
 */
export function describeSharedBackend(
  title: string,
  backend: () => Promise<{ env: NodeJS.ProcessEnv; remove: () => Promise<void> } | undefined>,
): void {
  describe(`A stack in ${title}`, () => {
    let given: Awaited<ReturnType<typeof backend>>;
    let team: NodeJS.ProcessEnv;
    let first: Checkout;
    let second: Checkout;

    before(async function () {
      given = await backend();
      if (given === undefined) {
        this.skip();
      }
      team = { ...given.env, PULUMI_CONFIG_PASSPHRASE: "the team's" };
      first = new Checkout();
      second = new Checkout();
    });

    after(async () => {
      for (const checkout of [first, second]) {
        rmSync(checkout?.root ?? "", { recursive: true, force: true });
      }
      await given?.remove();
    });

    it("is not created with a passphrase that only this machine knows", async () => {
      const { code, stderr } = await first.npm("setup", STACK, given!.env);
      assert.equal(code, 1);
      assert.match(stderr, /set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE/);
    });

    it("is created by one checkout and opened by another one, with the same salt", async () => {
      for (const checkout of [first, second]) {
        const { code, stderr } = await checkout.npm("setup", STACK, team);
        assert.equal(code, 0, stderr);
      }
      assert.match(saltIn(first), /^v1:/);
      assert.equal(saltIn(second), saltIn(first));
    });

    it("is not disturbed by a second run while the first one is at work", async () => {
      const running = new Running(first, "pr-1", ["up"], team);
      await running.hasPrinted(/container .*-redis healthy/);
      const { code, stdout, stderr } = await second.npm("up", STACK, team);
      assert.equal(await running.exitCode(), 0, running.printed);
      assert.doesNotMatch(running.printed, /replaced|Removing/);
      if (code === 0) {
        // It waited, or came when the first one had just ended: either way it found everything made.
        assert.match(stdout, /^Plan for stack pr-1: \d+ unchanged$/m);
      } else {
        assert.match(stderr, /Stack pr-1 is being changed by process \d+ of \S+ on \S+, since /);
      }
    });

    it("is the same for both checkouts, on the same ports", async () => {
      const [one, other] = await Promise.all(
        [first, second].map((checkout) => checkout.npm("preview", STACK, team)),
      );
      for (const { stdout } of [one, other]) {
        assert.match(stdout, /^Plan for stack pr-1: \d+ unchanged$/m);
      }
    });

    it("is removed by down, and then unknown to the other checkout", async () => {
      const removed = await second.npm("down", STACK, team);
      assert.equal(removed.code, 0, removed.stderr);
      const { code, stderr } = await first.npm("down", STACK, team);
      assert.equal(code, 1);
      assert.match(stderr, /There is no stack pr-1 in \w+:/);
    });
  });
}
