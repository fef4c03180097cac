/** One run of the drill: clients work, faults happen, and then what is there is compared with what was acknowledged. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stackContainers } from "../../cli/stack/containers";
import { pause } from "../../client/src/backoff";
import { until } from "../e2e/support/running";
import { Audit } from "./audit";
import { Clients } from "./clients";
import { Faults } from "./faults";
import type { PastFault } from "./figures";
import { type Act, ACTS } from "./ledger";
import type { Report } from "./report";
import { type Fault, scheduleFaults, type ScheduleOptions } from "./schedule";
import type { ChaosStack } from "./stack";
import { createTables } from "./tables";
import { targetsOf } from "./targets";

/** For the first success of every kind, and for all servers to be well again. */
const READY_MS = 180_000;

/** Longer than an act may take before it counts as one that never ends (worker/activity.ts). */
const DRAIN_MS = 150_000;
const CLOSE_MS = 60_000;

/**
 * @param say is given a line for each fault
 * @throws Error if a signal ends it. Every fault is undone, whatever happens.
 */
export async function runChaos(
  { name, outputs, bounded }: Pick<ChaosStack, "name" | "outputs" | "bounded">,
  options: ScheduleOptions,
  say: (line: string) => void,
): Promise<Report> {
  const schedule = scheduleFaults(targetsOf(await stackContainers(name), bounded), options);
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-chaos-"));
  const clients = new Clients(folder, outputs);
  const faults = new Faults(name, outputs, clients);
  const { signal, release } = onSignals();
  try {
    await createTables(outputs);
    clients.startAll();
    await allActsSucceed(clients, 0, signal);
    const startedAt = Date.now();
    const past = await inflictAll(schedule, faults, signal, say);
    await faults.undoAll();
    await pause(startedAt + options.durationMs - Date.now(), signal);
    throwIfStopped(signal);
    await allHealthy(name);
    // Whatever broke: all of it works again.
    await allActsSucceed(clients, Date.now(), signal);
    const endedAt = Date.now();
    const busy = await clients.drain(DRAIN_MS);
    const audit = new Audit(outputs, () => clients.entries());
    await audit.settle();
    const open = await clients.stop(CLOSE_MS);
    const findings = await audit.findings(past);
    const entries = clients.entries();
    return {
      ...options,
      startedAt,
      endedAt,
      faults: past,
      entries,
      findings,
      busy,
      open,
      crashes: clients.crashes,
    };
  } finally {
    release();
    await clients.end();
    await faults.undoAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inflictAll(
  schedule: readonly Fault[],
  faults: Faults,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<PastFault[]> {
  const startedAt = Date.now();
  const past: PastFault[] = [];
  for (const { kind, target, atMs, lastsMs } of schedule) {
    await pause(startedAt + atMs - Date.now(), signal);
    throwIfStopped(signal);
    const beganAt = Date.now();
    const undo = await faults.inflict(kind, target);
    past.push({ kind, target, beganAt, inEffectAt: Date.now() });
    say(`${((beganAt - startedAt) / 1_000).toFixed(1)} s  ${kind}  ${target}  ${lastsMs} ms`);
    await pause(lastsMs, signal);
    await undo();
  }
  return past;
}

/** Waits until every kind of act has succeeded after a time. */
async function allActsSucceed(clients: Clients, after: number, signal: AbortSignal): Promise<void> {
  const missing = () => {
    const done = new Set<Act>();
    for (const { act, result, at } of clients.entries()) {
      if (result === "ok" && at > after) {
        done.add(act);
      }
    }
    return (Object.keys(ACTS) as Act[]).filter((act) => !done.has(act));
  };
  await until(async () => {
    throwIfStopped(signal);
    await pause(200);
    return missing().length === 0;
  }, READY_MS).catch((error: unknown) => {
    throw new Error(
      `These never succeeded: ${missing().join(", ")}\n${clients.crashes.join("\n")}`,
      { cause: error },
    );
  });
}

const allHealthy = (stack: string) =>
  until(async () => {
    const containers = await stackContainers(stack);
    return containers.every(({ health }) => ["healthy", "running"].includes(health));
  }, READY_MS);

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new Error(`Stopped by ${signal.reason}.`);
  }
}

/** Aborts at Ctrl-C and the like, in place of the end of the process. */
function onSignals() {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => controller.abort(name);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  signals.forEach((name) => process.on(name, stop));
  const release = () => signals.forEach((name) => process.off(name, stop));
  return { signal: controller.signal, release };
}
