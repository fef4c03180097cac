/** Where the time of a run goes, from the marks that the cli writes (cli/timings.ts). */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Checkout } from "../tests/e2e/support/checkout";

/** One line of the file that PLATFORM_TIMINGS names; times in milliseconds since the process started. */
export interface Mark {
  mark: string;
  at: number;
  /** Of a resource: when the engine began to work on it, and its type. */
  start?: number;
  type?: string;
}

/** A part of a run. Parts below the first level overlap, because the engine works on several at once. */
export interface Phase {
  title: string;
  /** Milliseconds since the process started. */
  from: number;
  to: number;
}

/** Types of resources by what people call them, in the order in which a first run comes to them. */
const GROUPS: [title: string, types: RegExp][] = [
  ["passwords", /RandomPassword$/],
  ["network, volumes, images", /:(Network|Volume|RemoteImage)$/],
  ["containers until they are healthy", /:Container$/],
  ["databases and roles", /postgresql:index\/(role|database|grant)/],
  ["rights on databases", /database:Rights$/],
  ["topics, users and rights of the broker", /^kafka:|kafka:Rights$/],
  ["Redis users", /redis:User$/],
  ["migrations", /SchemaMigrations$/],
];

/** Reads the marks of one command into its phases, in the order of time. */
export function phasesOf(marks: Mark[]): Phase[] {
  const at = (mark: string) => marks.find((one) => one.mark === mark)?.at;
  const resources = marks.filter((one) => one.mark === "resource");
  const first = resources[0]?.start ?? resources[0]?.at;
  const between = (title: string, from: number | undefined, to: number | undefined): Phase[] =>
    from === undefined || to === undefined ? [] : [{ title, from, to }];
  const groups = GROUPS.flatMap(([title, types]) => {
    const own = resources.filter(({ type = "" }) => types.test(type));
    const starts = own.map(({ start, at: end }) => start ?? end);
    return own.length === 0
      ? []
      : [
          {
            title: `  ${title}`,
            from: Math.min(...starts),
            to: Math.max(...own.map((one) => one.at)),
          },
        ];
  });
  const planned = at("planned");
  return [
    ...between("the command loads", 0, at("loaded")),
    ...between("engine, Docker and stack are found", at("loaded"), at("prepared")),
    ...between("the plan is made and judged", at("prepared"), planned),
    ...between("stack and images are prepared", planned ?? at("prepared"), at("engine-start")),
    ...between("the engine starts and the program loads", at("engine-start"), first),
    ...groups,
    ...between("the engine works", at("engine-start"), at("engine-end")),
    ...between("access points are shown", at("engine-end"), at("end")),
    ...between("all", 0, at("end")),
  ];
}

const phaseLine = ({ title, from, to }: Phase) => {
  const [start, end, length] = [from, to, to - from].map((ms) =>
    (ms / 1000).toFixed(2).padStart(6),
  );
  return `  ${title.padEnd(44)} ${start} s to ${end} s: ${length} s`;
};

/** Runs a first up, one without a change, a preview and a down, and prints the phases of each. */
export async function printPhases(): Promise<void> {
  const checkout = new Checkout();
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-phases-"));
  try {
    // The first command of a checkout compiles it.
    await checkout.npmOk("preview");
    for (const [index, command] of ["up", "up", "preview", "down"].entries()) {
      const file = join(folder, String(index));
      const { code, stderr } = await checkout.npm(command, [], { PLATFORM_TIMINGS: file });
      if (code !== 0) {
        throw new Error(`npm run ${command}: ${stderr}`);
      }
      const marks = readFileSync(file, "utf8").trim().split("\n");
      console.log(`\n${index === 0 ? "first up" : index === 1 ? "up without a change" : command}`);
      phasesOf(marks.map((line) => JSON.parse(line) as Mark)).forEach((phase) =>
        console.log(phaseLine(phase)),
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
    await checkout.cleanUp();
  }
}
