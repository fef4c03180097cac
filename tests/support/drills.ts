/** What `npm run drills` is asked for. */
import { parseArgs } from "node:util";

export interface DrillRequest {
  /** Names of the drills, in the order of the list; all of them where none is named. */
  names: string[];
  /** Variables that a drill reads. */
  environment: Record<string, string>;
}

const DRILL = "chaos";

const isSeed = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 32;

/** A key of the configuration, and its value. */
const SETTING = /^([A-Za-z]\w*)=(\S+)$/;

/**
 * @param args of the command line: `chaos --minutes 3 --seed 7 --set brokers=3`
 * @param known names of all drills
 * @throws Error whose message says what there is
 */
export function parseDrills(args: string[], known: readonly string[]): DrillRequest {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      minutes: { type: "string" },
      seed: { type: "string" },
      set: { type: "string", multiple: true },
    },
  });
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`There are the drills ${known.join(", ")}, not ${unknown.join(", ")}.`);
  }
  const names = known.filter((name) => positionals.length === 0 || positionals.includes(name));
  const [given] = Object.keys(values);
  if (given !== undefined && !names.includes(DRILL)) {
    throw new Error(`--${given} is for the drill ${DRILL}.`);
  }
  const { minutes, seed, set } = values;
  return {
    names,
    environment: {
      ...numberOf("minutes", minutes, "CHAOS_MINUTES", (value) => value > 0),
      ...numberOf("seed", seed, "CHAOS_SEED", isSeed),
      ...(set === undefined ? {} : { CHAOS_SETTINGS: settingLines(set) }),
    },
  };
}

function numberOf(
  option: string,
  text: string | undefined,
  variable: string,
  isValid: (value: number) => boolean,
): Record<string, string> {
  if (text === undefined) {
    return {};
  }
  if (text === "" || !isValid(Number(text))) {
    throw new Error(`--${option} is not a number that can be used: ${text}`);
  }
  return { [variable]: text };
}

/** Lines of a stack's configuration. */
function settingLines(settings: readonly string[]): string {
  return settings
    .map((setting) => {
      const [, key, value] = SETTING.exec(setting) ?? [];
      if (key === undefined) {
        throw new Error(`--set takes a key and a value, brokers=3, not ${setting}`);
      }
      return `  learning-platform:${key}: ${value}\n`;
    })
    .join("");
}
