import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { ROOT } from "../../../cli/paths";

/** The defaults of Pulumi.yaml by key. */
export function parseProjectDefaults(): Record<string, string> {
  const { config } = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, { default: string }>;
  };
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, value.default]));
}
