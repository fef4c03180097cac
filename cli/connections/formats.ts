import type { ServiceConnections } from "../../contract/connections";
import { dotenvText } from "./dotenv";
import { propertiesText } from "./properties";
import { shellText } from "./shell";
import { springText } from "./spring";

/** How connections can be written: each function returns a whole file. */
export const FORMATS = {
  dotenv: dotenvText,
  json: (_service: string, connections: ServiceConnections) =>
    `${JSON.stringify(connections, undefined, 2)}\n`,
  shell: shellText,
  spring: springText,
  properties: propertiesText,
} as const satisfies Record<
  string,
  (service: string, connections: ServiceConnections, caFile?: string) => string
>;

export type Format = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as Format[];
