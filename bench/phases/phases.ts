/** Where the time of a command goes, from the marks that the cli writes (cli/timings.ts). */
import { markdownTable, median, spread } from "../measure";

/** One line of the file that PLATFORM_TIMINGS names; times in milliseconds since the process started. */
export interface Mark {
  mark: string;
  at: number;
  /** Of a resource: when the engine began to work on it, and its type. */
  start?: number;
  type?: string;
}

/** A part of a run, in milliseconds. Those with a hyphen are within another, and overlap, as the engine works on several. */
export interface Phase {
  title: string;
  from: number;
  to: number;
}

/** Types of resources by what people call them, in the order in which a first run comes to them. */
const GROUPS: [title: string, types: RegExp][] = [
  ["passwords", /RandomPassword$/],
  ["network, volumes, images", /:(Network|Volume|RemoteImage)$/],
  ["containers", /:Container$/],
  ["databases and roles", /^postgresql:index\//],
  ["rights on databases", /database:Rights$/],
  ["topics, users and rights of the broker", /^kafka:index\/|kafka:(Rights|Copies)$/],
  ["Redis users", /redis:User$/],
  ["migrations", /SchemaMigrations$/],
];

/**
 * Reads the marks of one command into its phases.
 * @param wholeMs from the start of npm to its end, as whoever started it measured
 */
export function phasesOf(marks: readonly Mark[], wholeMs: number): Phase[] {
  const at = (mark: string) => marks.find((one) => one.mark === mark)?.at;
  const engine = { start: at("engine-start"), end: at("engine-end") };
  const prepared = at("prepared");
  const end = at("end") ?? wholeMs;
  // A preview within the command also works on resources. They belong to its plan.
  const resources = marks.filter(
    (one) => one.mark === "resource" && one.at >= (engine.start ?? prepared ?? 0),
  );
  const first = Math.min(...resources.map(startOf));
  return [
    ...between("the command loads", 0, at("loaded")),
    ...between("engine, Docker and stack are found", at("loaded"), prepared),
    ...between("the plan is made and judged", prepared, at("planned")),
    ...between(
      "stack and images are prepared",
      at("planned") ?? prepared ?? at("loaded"),
      engine.start,
    ),
    ...between("the engine works", engine.start, engine.end),
    ...between(
      "- engine and program start",
      engine.start ?? prepared,
      resources.length > 0 ? first : undefined,
    ),
    ...GROUPS.flatMap(([title, types]) => groupOf(`- ${title}`, types, resources)),
    ...between("after the engine", engine.end ?? at("planned"), at("end")),
    { title: "npm, and the end of the process", from: end, to: wholeMs },
    { title: "all", from: 0, to: wholeMs },
  ];
}

const startOf = ({ start, at }: Mark) => start ?? at;

const between = (title: string, from: number | undefined, to: number | undefined): Phase[] =>
  from === undefined || to === undefined ? [] : [{ title, from, to }];

function groupOf(title: string, types: RegExp, resources: Mark[]): Phase[] {
  const own = resources.filter(({ type = "" }) => types.test(type));
  const [from, to] = [Math.min(...own.map(startOf)), Math.max(...own.map(({ at }) => at))];
  return own.length === 0 ? [] : [{ title, from, to }];
}

/** The phases of several runs of one command as a table in Markdown: medians in seconds. */
export function phasesTable(runs: readonly Phase[][]): string {
  const titles = [...new Set(runs.flatMap((phases) => phases.map(({ title }) => title)))];
  const inSeconds = (values: number[]) => median(values).toFixed(2);
  const rows = titles.map((title) => {
    const found = runs.flatMap((phases) => phases.filter((phase) => phase.title === title));
    const lengths = found.map(({ from, to }) => (to - from) / 1000);
    return [
      title,
      inSeconds(found.map(({ from }) => from / 1000)),
      inSeconds(found.map(({ to }) => to / 1000)),
      inSeconds(lengths),
      spread(lengths, 2),
    ];
  });
  return markdownTable(
    [["phase", "from", "to", "seconds", "least to greatest"], ...rows],
    [1, 2, 3, 4],
  );
}
