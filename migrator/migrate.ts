import { Applier, ApplyLimits, MigrationEvent } from "./apply";
import type { MigrationTarget } from "./connection";
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
import { findRightsExceptions } from "./rights-exceptions";
import { Session } from "./session";
import { takeSnapshot } from "./snapshot";

export interface MigrateOptions extends PlanOptions, Partial<ApplyLimits> {
  /** Called between statements, never between the last statement and the commit; must be quick. */
  onProgress?: (event: MigrationEvent) => void;
  /** How long to wait for another run on the same database. @default 60000 */
  waitForLockMs?: number;
  /** Ends the run while it waits or before its next file, so that no work is half done. */
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
 * @throws MigrationError, with the files applied before: MigrationPlanError if files and ledger contradict each other
 *   (no file ran), MigrationLockError, MigrationStatementError, MigrationConnectionError, MigrationStoppedError if the
 *   signal came, MigrationRightsError if rights differ from the design after the run and the owner cannot fix them.
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
    // Before the files, since new objects get the default privileges of that moment.
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
    if (view.catalogue === undefined || appliedAny(progress)) {
      await takeSnapshot(session, view.catalogue);
    }
    if (view.rights.length > 0 || appliedAny(progress)) {
      await fixRights(session, files);
    }
    return { ...progress, durationMs: Math.round(performance.now() - began) };
  } catch (error) {
    if (view && appliedAny(progress) && !(error instanceof MigrationConnectionError)) {
      // A failure here would hide the one to report; without a snapshot, the next run takes one.
      await session
        .becomeOwner()
        .then(() => takeSnapshot(session, view?.catalogue))
        .catch(() => undefined);
    }
    throw error instanceof MigrationError ? error.after(progress) : error;
  } finally {
    await session.close();
  }
}

/** @throws MigrationRightsError that lists what only an administrator can fix */
async function fixRights(session: Session, files: MigrationFiles): Promise<void> {
  const exceptions = await findRightsExceptions(files);
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

const appliedAny = ({ applied, repeated }: Progress) => applied.length + repeated.length > 0;

function withDefaults(options: MigrateOptions): typeof DEFAULTS {
  const limits = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[name] ?? DEFAULTS[name];
    // The numbers are used in SET commands and timers.
    if (!Number.isSafeInteger(value) || value < 0 || value > 2_147_483_647) {
      throw new MigrationError(
        `${name} must be a whole number of milliseconds from 0 to 2147483647, got ${value}`,
      );
    }
    limits[name] = value;
  }
  return limits;
}
