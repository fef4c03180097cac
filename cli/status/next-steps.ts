import { SERVERS } from "../../catalog/servers";
import type { Ledger } from "../migrations/ledgers";
import { archiveFaults } from "../recover/state";
import type { Status } from "./status";

/** What a person can do now, the most urgent first. */
export interface NextStep {
  command: string;
  why: string;
}

export function nextSteps(status: Status): NextStep[] {
  const { stack } = status;
  const npm = (script: string, ...args: string[]) => npmCommand(stack, script, args);
  if (status.configuration.length > 0) {
    return [{ command: npm("doctor"), why: "the configuration has faults" }];
  }
  if (status.changedBy !== undefined) {
    return [{ command: npm("status"), why: "the run that changes it must end first" }];
  }
  if (!status.exists && status.containers.length > 0) {
    return [{ command: npm("doctor"), why: "containers with its name are in the way" }];
  }
  if (!status.exists) {
    return [{ command: npm("up"), why: "creates it" }];
  }
  if (status.dockerAnswers === false) {
    return [{ command: npm("doctor"), why: "no Docker Engine answers" }];
  }
  const odd = status.ledgers.filter(needsPerson);
  const reasons = reasonsToUpdate(status);
  return [
    ...unhealthy(status).map(({ role }) => ({
      command: npm("logs", role, "--tail", "50"),
      why: `the container ${role} is not healthy`,
    })),
    ...(status.archive && archiveFaults(status.archive).length > 0
      ? [
          {
            command: npm("logs", SERVERS.walArchiver.role, "--tail", "50"),
            why: "the archive is behind",
          },
        ]
      : []),
    ...odd.map(({ inputs }) => ({
      command: npm("migrations", "status", inputs.database),
      why: `${inputs.database} is not as its migrations made it`,
    })),
    ...(silentServers(status) > 0
      ? [{ command: npm("doctor"), why: "servers do not answer" }]
      : []),
    ...(status.engineIsThere ? [] : [{ command: npm("doctor"), why: "the engine is missing" }]),
    ...(status.lastBackup?.isLate
      ? [{ command: npm("backup"), why: "the last good backup is too old, or there is none" }]
      : []),
    ...(reasons.length > 0 ? [{ command: npm("preview"), why: "shows what up would change" }] : []),
    ...(reasons.length > 0 ? [{ command: npm("up"), why: reasons.join(", ") }] : []),
  ];
}

/** What an update does about what was found. */
function reasonsToUpdate(status: Status): string[] {
  const { staleLocks, pendingOperations, isComplete, drift, ledgers } = status;
  const repairable = drift.filter(({ fault }) => fault === undefined);
  return [
    ...(staleLocks.length > 0 ? ["removes the lock of a killed run"] : []),
    ...(pendingOperations > 0 ? ["recovers what was half made"] : []),
    ...(isComplete ? [] : ["ends what was begun"]),
    ...(repairable.length > 0 ? ["repairs what was changed by hand"] : []),
    ...(ledgers.some(isBehind) ? ["brings the databases up to date"] : []),
  ];
}

/** Whether an update has something to run or to restore. */
const isBehind = ({ status }: Ledger): boolean =>
  status !== undefined &&
  [status.pending, status.repeatables, status.rights].some((list) => list.length > 0);

/** Whether an update is refused, or leaves alone what was changed by hand. */
const needsPerson = ({ status }: Ledger): boolean =>
  status !== undefined && [status.faults, status.drift ?? []].some((list) => list.length > 0);

/** Number of servers that did not answer. A database tells for itself. */
export const silentServers = ({ unanswered, ledgers }: Status): number =>
  unanswered.length + ledgers.filter(({ error }) => error !== undefined).length;

export const unhealthy = ({ containers }: Pick<Status, "containers">) =>
  containers.filter(({ status, health }) => status === "running" && health !== "healthy");

/** `npm run up -- --stack pr-7`; the stack is left out where it is the default. */
export function npmCommand(stack: string, script: string, args: string[] = []): string {
  const all = [...args, ...(stack === "dev" ? [] : ["--stack", stack])];
  return ["npm run", script, ...(all.length > 0 ? ["--", ...all] : [])].join(" ");
}
