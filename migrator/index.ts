export type { ApplyLimits, MigrationEvent } from "./apply";
export { carrySnapshot } from "./carry";
export { type Drift, formatDrift, isRestorable } from "./drift";
export {
  type Fault,
  formatFault,
  type LockHolder,
  MigrationConnectionError,
  MigrationError,
  MigrationFilesError,
  MigrationLockError,
  MigrationPlanError,
  MigrationRightsError,
  MigrationRoleError,
  MigrationStatementError,
  MigrationStoppedError,
  type Progress,
  type ServerMessage,
} from "./errors";
export { type MigrationFile, type MigrationFiles, readMigrations } from "./files";
export {
  inspect,
  inspectObjects,
  type Inspection,
  lacksSnapshot,
  type MigrationStatus,
} from "./inspect";
export { RUNNER_VERSION } from "./ledger";
export { migrate, type MigrateOptions, type MigrateResult } from "./migrate";
export type { Plan, PlanOptions } from "./plan";
export { baseline, describeRepair, planBaseline, type Repair, repair, repairable } from "./repair";
export { formatRightsFault, type RightsDesign, type RightsFault } from "./rights";
export type { Catalogue } from "./schema-objects";
export { APPLICATION_NAME, type MigrationTarget } from "./connection";
