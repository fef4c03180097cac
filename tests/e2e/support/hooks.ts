import { Checkout } from "./checkout";
import type { Outputs } from "./clients";

interface Platform {
  checkout: Checkout;
  outputs: Outputs;
  /** The output of `npm run up`. */
  upOutput: string;
  /** Hash by path of the checkout's files before the first run. */
  filesBefore: Record<string, string>;
}

let running: Platform | undefined;

/** The stack `dev` that the root hook started for this mocha process. */
export function platform(): Platform {
  if (!running) {
    throw new Error("The stack is not up: start mocha with --require tests/e2e/support/hooks.ts");
  }
  return running;
}

/** Reads a stack's current outputs, including secrets. */
export async function readOutputs(checkout: Checkout, stack = "dev"): Promise<Outputs> {
  const { stdout } = await checkout.pulumi(
    "stack",
    "output",
    "--json",
    "--show-secrets",
    "--stack",
    stack,
  );
  return JSON.parse(stdout) as Outputs;
}

/** Mocha's root hooks: one real stack `dev`, with the specified names and ports, for all e2e tests of a process. */
export const mochaHooks = {
  async beforeAll() {
    const checkout = new Checkout();
    const filesBefore = checkout.fingerprint();
    try {
      const upOutput = await checkout.npmOk("up");
      running = { checkout, upOutput, filesBefore, outputs: await readOutputs(checkout) };
    } catch (error) {
      await checkout.cleanUp();
      throw error;
    }
  },
  async afterAll() {
    await running?.checkout.cleanUp();
  },
};
