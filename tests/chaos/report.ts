/** What a run has found, as lines and as faults of the platform. */
import { table } from "../../cli/terminal/table";
import type { Findings } from "./audit";
import { countActs, countErrors, longestGaps, type PastFault } from "./figures";
import { type Act, ACTS, type Entry } from "./ledger";
import type { ScheduleOptions } from "./schedule";

export interface Report extends ScheduleOptions {
  /** When the clients worked, in milliseconds since 1970. */
  startedAt: number;
  endedAt: number;
  faults: PastFault[];
  entries: Entry[];
  findings: Findings;
  /** Services that did not finish what they did, and those that did not close. */
  busy: string[];
  open: string[];
  /** What processes said that ended by themselves. */
  crashes: string[];
}

const MOST_NAMED = 5;

/** Everything that must not be, a line each: none where all promises were kept. */
export function brokenPromises({ findings, entries, busy, open, crashes }: Report): string[] {
  const { rows, effects, events, received, sessions } = findings;
  const lists: [string, string[]][] = [
    ["acknowledged rows are lost", rows.lost],
    ["rows are there twice", rows.doubled],
    ["users have no first session", effects.lost],
    ["users have two first sessions", effects.doubled],
    ["acknowledged events are not in their topic", events.lost],
    ["events are twice in their topic", events.doubled],
    ["acknowledged events reached no consumer", received.lost],
    ["acknowledged changes of sessions are lost", sessions.lost],
    ["acts never ended", reasons(entries, "hung")],
    ["answers were wrong", reasons(entries, "wrong")],
    ["services did not finish", busy],
    ["services did not close", open],
    ["services ended by themselves", crashes],
  ];
  return lists
    .filter(([, items]) => items.length > 0)
    .map(([what, items]) => `${items.length} ${what}: ${items.slice(0, MOST_NAMED).join(", ")}`);
}

const reasons = (entries: readonly Entry[], result: Entry["result"]): string[] =>
  entries.filter((entry) => entry.result === result).map(({ act, reason }) => `${act}: ${reason}`);

/** The figures of a run, for people. */
export function figureLines(report: Report): string[] {
  const { seed, startedAt, endedAt, faults, entries, findings } = report;
  const { rows, effects, events, received, sessions } = findings;
  const seconds = Math.round((endedAt - startedAt) / 1_000);
  return [
    `Seed ${seed}: ${faults.length} faults in ${seconds} s`,
    "",
    ...table(
      ["act", "acknowledged", "failed"],
      Object.entries(countActs(entries)).map(([act, count]) => [
        act,
        String(count),
        String(entries.filter((entry) => entry.act === act && entry.result === "error").length),
      ]),
    ),
    "",
    ...table(
      ["errors", "count"],
      Object.entries(countErrors(entries)).map(([reason, count]) => [reason, String(count)]),
    ),
    "",
    "Longest time without a success after each fault, in seconds:",
    ...gapTable(report),
    "",
    ...table(
      ["compared", "acknowledged", "lost", "twice"],
      [
        ["rows", rows.acknowledged, rows.lost.length, rows.doubled.length],
        ["effects of events", effects.acknowledged, effects.lost.length, effects.doubled.length],
        ["events in topics", events.acknowledged, events.lost.length, events.doubled.length],
        ["events at consumers", received.acknowledged, received.lost.length, "allowed"],
        ["sessions", sessions.kept + sessions.lost.length, sessions.lost.length, "-"],
      ].map((cells) => cells.map(String)),
    ),
    `Sessions: ${sessions.lostInTime.length} lost within the documented time before a kill, ` +
      `${sessions.tooOld} ended by themselves.`,
  ];
}

function gapTable({ entries, faults, endedAt }: Report): string[] {
  const acts = Object.keys(ACTS) as Act[];
  const gaps = longestGaps(entries, faults, endedAt);
  return table(
    ["fault", "target", ...acts],
    faults.map(({ kind, target }, index) => [
      ...[kind, target],
      ...acts.map((act) => {
        const gap = gaps[index][act];
        return gap === undefined ? "none" : (gap / 1_000).toFixed(1);
      }),
    ]),
  );
}
