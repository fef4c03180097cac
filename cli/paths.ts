import { join } from "node:path";

import { STATE_FOLDER } from "../catalog/labels";

/** Root of the checkout, which is also the root of the Pulumi program. bootstrap.js changes to it; npm does as well. */
export const ROOT = process.cwd();

/** What runs write on this machine and git ignores: state, passphrase, stack settings. */
export const LOCAL = join(ROOT, ".platform");
export const PASSPHRASE_FILE = join(LOCAL, "passphrase");
export const STATE = join(ROOT, STATE_FOLDER);
