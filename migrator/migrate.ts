import { Applier, ApplyLimits, MigrationEvent } from "./apply";
import {
  MigrationConnectionError,
  MigrationError,
  MigrationPlanError,
  MigrationRightsError,
  Progress,
} from "./errors";
import { MigrationFiles } from "./files";
import { type DatabaseView, readView } from "./inspect";
import { createLedger, forgetRepeatables } from "./ledger";
import { takeLock } from "./lock";
import { readPermitted } from "./permitted";
import { plan, PlanOptions } from "./plan";
import { formatRightsFault, readRights, restoreRights } from "./rights";
import { rightsExceptions } from "./rights-exceptions";
import { MigrationTarget, Session } from "./session";
import { keepSnapshot } from "./snapshot";

export interface MigrateOptions extends PlanOptions, Partial<ApplyLimits> {
  /** Called between statements, never inside of a transaction's last steps; keep it quick. */
  onProgress?: (event: MigrationEvent) => void;
  /** How long to wait for another run on the same database. @default 60000 */
  waitForLockMs?: number;
  /** Ends the run where nothing is half done: while it waits, or before its next file. */
  signal?: AbortSignal;
}

export interface MigrateResult extends Progress {
  durationMs: number;
}

const DEFAULTS = {
  lockTimeoutMs: 500,
  retryForMs: 120_000,
  statementTimeoutMs: 600_000,
  waitForLockMs: 60_000,
};

/**
 * Applies what is pending: versioned files in order, then repeatable ones that are new or changed.
 * One run at a time per database. Files applied before a failing one stay applied and recorded.
 * @throws MigrationError, with what was applied before: MigrationPlanError where files and ledger
 *   contradict each other (nothing was run), MigrationLockError, MigrationStatementError,
 *   MigrationConnectionError, MigrationStoppedError where the signal came, MigrationRightsError where
 *   rights are not as designed after the run and the owner cannot put them right.
 */
export async function migrate(
  target: MigrationTarget,
  files: MigrationFiles,
  options: MigrateOptions = {},
): Promise<MigrateResult> {
  const began = performance.now();
  const progress: Progress = { applied: [], repeated: [] };
  const emit = options.onProgress ?? (() => undefined);
  const limits = withDefaults(options);
  const session = await Session.open(target);
  let view: DatabaseView | undefined;
  try {
    await takeLock(
      session,
      limits.waitForLockMs,
      (holder) => emit({ kind: "waiting", holder }),
      options.signal,
    );
    await session.becomeOwner();
    view = await readView(session, files);
    const { pending, repeatables, faults } = plan(files, view, options);
    if (faults.length > 0) {
      throw new MigrationPlanError(`Nothing was run on ${target.database}:`, faults);
    }
    // Before the files, since what they make gets the rights that are the default then.
    await restoreRights(session, view.rights);
    if (view.catalogue === undefined) {
      await createLedger(session);
    }
    await new Applier(session, limits, emit, progress, options.signal).applyAll([
      ...pending,
      ...repeatables.map(({ file }) => file),
    ]);
    await forgetRepeatables(
      session,
      files.repeatable.map(({ name }) => name),
    );
    if (view.catalogue === undefined || hasWorked(progress)) {
      await keepSnapshot(session, view.catalogue);
    }
    if (view.rights.length > 0 || hasWorked(progress)) {
      await settleRights(session, files);
    }
    return { ...progress, durationMs: Math.round(performance.now() - began) };
  } catch (error) {
    if (view && hasWorked(progress) && !(error instanceof MigrationConnectionError)) {
      // Its own failure would hide the one to report; without a snapshot the next run takes one.
      await session
        .becomeOwner()
        .then(() => keepSnapshot(session, view?.catalogue))
        .catch(() => undefined);
    }
    throw error instanceof MigrationError ? error.after(progress) : error;
  } finally {
    await session.close();
  }
}

/** @throws MigrationRightsError with what only an administrator can put right */
async function settleRights(session: Session, files: MigrationFiles): Promise<void> {
  const exceptions = await rightsExceptions(files);
  const accepted = (await readPermitted(session)).rights;
  const read = async () => (await readRights(session, exceptions, accepted)).faults;
  const found = await read();
  await restoreRights(session, found);
  const left = found.length > 0 ? await read() : [];
  if (left.length > 0) {
    throw new MigrationRightsError(
      [
        `The rights on ${session.target.database} differ from the design, and its owner cannot fix them:`,
        ...left.map(formatRightsFault),
      ].join("\n  "),
    );
  }
}

const hasWorked = ({ applied, repeated }: Progress) => applied.length + repeated.length > 0;

function withDefaults(options: MigrateOptions): typeof DEFAULTS {
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[name] ?? DEFAULTS[name];
    // The numbers become part of SET commands and of timers.
    if (!Number.isSafeInteger(value) || value < 0 || value > 2_147_483_647) {
      throw new MigrationError(`${name} must be a whole number of milliseconds, got ${value}`);
    }
    limits[name] = value;
  }
  return limits;
}
