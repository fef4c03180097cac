import { existsSync, writeFileSync } from "node:fs";

import { stringify } from "yaml";

import { Checkout } from "../tests/e2e/support/checkout";

/**
 * Acts on a copy of the checkout whose stack may be destroyed, and destroys it afterwards.
 * @throws the error of `act`, else that of the destroy
 */
export async function withCheckout(
  stack: string,
  act: (checkout: Checkout) => Promise<void>,
): Promise<void> {
  const checkout = new Checkout();
  const settings = checkout.path(`Pulumi.${stack}.yaml`);
  if (!existsSync(settings)) {
    // A stack without settings of its own is protected.
    writeFileSync(settings, stringify({ config: { "learning-platform:protect": false } }));
  }
  try {
    await act(checkout);
  } catch (error) {
    await checkout.cleanUp(stack).catch((left: Error) => console.error(left.message));
    throw error;
  }
  await checkout.cleanUp(stack);
}
