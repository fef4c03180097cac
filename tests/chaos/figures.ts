/** Figures of a run from the ledgers of its clients: plain functions. */
import { type Act, ACTS, type Entry } from "./ledger";
import type { FaultKind } from "./schedule";

/** A fault as it happened, in milliseconds since 1970. */
export interface PastFault {
  kind: FaultKind;
  target: string;
  beganAt: number;
  /** When it had taken effect. */
  inEffectAt: number;
}

export type Counts = Record<string, number>;

const countBy = <T>(items: readonly T[], keyOf: (item: T) => string): Counts => {
  const counts: Counts = {};
  for (const item of items) {
    counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  }
  return counts;
};

/** Acknowledged acts by kind; every kind is named. */
export function countActs(entries: readonly Entry[]): Record<Act, number> {
  const none = Object.fromEntries(Object.keys(ACTS).map((act) => [act, 0]));
  const done = entries.filter(({ result }) => result === "ok");
  return { ...none, ...countBy(done, ({ act }) => act) } as Record<Act, number>;
}

/** Failures by act and reason. */
export const countErrors = (entries: readonly Entry[]): Counts =>
  countBy(
    entries.filter(({ result }) => result === "error"),
    ({ act, reason }) => `${act}: ${reason}`,
  );

/**
 * Longest time without a success of each act, from the begin of each fault to the begin of the next one, in milliseconds.
 * A time without a success that had begun before counts from the fault on.
 * @param endAt when the clients stopped
 * @returns one row for each fault; undefined where the act had no success at all until the next fault
 */
export function longestGaps(
  entries: readonly Entry[],
  faults: readonly PastFault[],
  endAt: number,
): Record<Act, number | undefined>[] {
  const times = new Map<Act, number[]>();
  for (const { act, at, result } of [...entries].sort((a, b) => a.at - b.at)) {
    if (result === "ok") {
      const known = times.get(act) ?? [];
      known.push(at);
      times.set(act, known);
    }
  }
  return faults.map(({ beganAt }, index) => {
    const until = faults[index + 1]?.beganAt ?? endAt;
    const gaps = Object.keys(ACTS).map((act) => {
      const within = (times.get(act as Act) ?? []).filter((at) => at >= beganAt && at < until);
      const longest = Math.max(
        0,
        ...within.map((at, position) => at - (within[position - 1] ?? beganAt)),
      );
      return [act, within.length === 0 ? undefined : longest];
    });
    return Object.fromEntries(gaps) as Record<Act, number | undefined>;
  });
}

/** What may be missing of a session store: the last changes before a SIGKILL. */
export interface SessionFindings {
  /** Sessions whose last acknowledged change is there. */
  kept: number;
  /** Sessions that lack a change that was acknowledged longer before a kill than the documented time. */
  lost: string[];
  /** Sessions that lack a change of the documented time before a kill. */
  lostInTime: string[];
  /** Sessions that may have ended by themselves. */
  tooOld: number;
}

/**
 * Compares the acknowledged changes of sessions with what is in the store.
 * @param stored version by id of each session that is there
 * @param kills of the store's process
 * @param limits how long before a kill a change may be lost, and after which time a session ends by itself, both in milliseconds
 */
export function compareSessions(
  entries: readonly Entry[],
  stored: ReadonlyMap<string, number>,
  kills: readonly Pick<PastFault, "beganAt" | "inEffectAt">[],
  { lossMs, livesMs, now }: { lossMs: number; livesMs: number; now: number },
): SessionFindings {
  const last = new Map<string, { version: number; at: number }>();
  const ends = new Set<string>();
  for (const { act, result, id, version = 0, at } of entries) {
    if (act === "session" && id !== undefined) {
      if (result === "ok") {
        last.set(id, { version, at });
      } else if (result === "try" && version < 0) {
        ends.add(id);
      }
    }
  }
  const findings: SessionFindings = { kept: 0, lost: [], lostInTime: [], tooOld: 0 };
  for (const [id, { version, at }] of last) {
    const found = stored.get(id);
    // An end that was sent and not acknowledged may have happened.
    const isKept =
      version < 0 ? found === undefined : found === undefined ? ends.has(id) : found >= version;
    if (isKept) {
      findings.kept += 1;
    } else if (version >= 0 && found === undefined && now - at > livesMs) {
      findings.tooOld += 1;
    } else if (kills.some((kill) => at <= kill.inEffectAt && kill.beganAt - at <= lossMs)) {
      findings.lostInTime.push(id);
    } else {
      findings.lost.push(id);
    }
  }
  return findings;
}

/** Values that are not among the others, and values that are there more than once. */
export function compareIds(acknowledged: Iterable<string>, present: readonly string[]) {
  const counts = new Map<string, number>();
  for (const id of present) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return {
    lost: [...new Set(acknowledged)].filter((id) => !counts.has(id)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
  };
}
