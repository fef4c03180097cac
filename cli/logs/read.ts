import { docker } from "../machine/docker-command";
import { INTERRUPTED } from "../machine/interactive";
import { lastLines } from "../machine/run";
import { leaveSignals } from "../machine/stopping";
import { type LogLine, parseLine } from "./lines";

export interface LogSource {
  name: string;
  role: string;
}

export interface LogOptions {
  /** Number of last lines, or `all`. */
  tail: string;
  /** As docker takes it: an age, or a time. */
  since?: string;
}

const argumentsOf = ({ name }: LogSource, { tail, since }: LogOptions, more: string[]) => [
  ...["logs", "--timestamps", "--tail", tail, ...more],
  ...(since === undefined ? [] : ["--since", since]),
  name,
];

/** What a container has logged, or why docker does not say so. */
export async function readLogs(
  source: LogSource,
  options: LogOptions,
): Promise<{ lines: LogLine[]; fault?: string }> {
  const lines: LogLine[] = [];
  const onLine = (line: string) => {
    const parsed = parseLine(source.role, line);
    lines.push(...(parsed ? [parsed] : []));
  };
  const { code, stderr } = await docker(argumentsOf(source, options, []), { onLine });
  return code === 0 ? { lines } : { lines, fault: lastLines(stderr, 1) };
}

/**
 * Passes on what containers log, as it comes. Ctrl-C in a terminal ends docker itself.
 * @returns the exit code: that of Ctrl-C, unless a container went away or docker refused
 */
export async function followLogs(
  sources: LogSource[],
  options: LogOptions,
  show: (role: string, text: string) => void,
): Promise<number> {
  leaveSignals();
  const results = await Promise.all(
    sources.map((source) =>
      docker(argumentsOf(source, options, ["--follow"]), {
        onLine: (line) => {
          const parsed = parseLine(source.role, line);
          show(source.role, parsed?.text ?? line);
        },
      }),
    ),
  );
  const failed = results.find(({ code }) => code !== 0);
  return failed?.signal ? INTERRUPTED : (failed?.code ?? 0);
}
