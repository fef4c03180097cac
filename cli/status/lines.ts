import { formatFault } from "../../migrator";
import { lastBackupText } from "../backup/last";
import { ledgerNotes, ledgerTable } from "../migrations/ledger-lines";
import { archiveLines } from "../recover/state";
import { describeReplica } from "../replicas/read";
import { accessPointsTable } from "../terminal/access-points";
import { type NextStep, silentServers, unhealthy } from "./next-steps";
import type { Status } from "./status";

/** The status on one screen: what it is, where it answers, its ledgers, what was changed, what to do. */
export function statusLines(status: Status, steps: NextStep[]): string[] {
  const { stack, accessPoints, containers, ledgers, drift, unanswered, configuration } = status;
  const { archive, lastBackup } = status;
  const replicas = status.replicas.map((replica) => `${replica.name}: ${describeReplica(replica)}`);
  const faults = ledgers.flatMap((ledger) => ledger.status?.faults ?? []);
  const sections = [
    [`Stack ${stack} ${headline(status)}.`],
    configuration,
    Object.keys(accessPoints).length > 0 ? accessPointsTable(accessPoints, containers) : [],
    ledgers.length > 0 ? [...ledgerTable(ledgers), ...ledgerNotes(ledgers)] : [],
    titled("Replicas:", replicas),
    faults.map(formatFault),
    titled("Archive of PostgreSQL's WAL:", archive ? archiveLines(archive) : []),
    titled(
      "Changed by hand:",
      drift.map(({ sentence, fault }) => fault ?? sentence),
    ),
    titled("No answer from:", unanswered),
    titled("Backups:", lastBackup ? [lastBackupText(lastBackup)] : []),
    titled(
      "Next:",
      steps.length > 0
        ? stepLines(steps)
        : ["nothing; npm run preview shows what the program would change"],
    ),
  ];
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (index > 0 ? ["", ...section] : section));
}

const titled = (title: string, lines: string[]) =>
  lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)] : [];

function stepLines(steps: NextStep[]): string[] {
  const width = Math.max(...steps.map(({ command }) => command.length));
  return steps.map(({ command, why }) => `${command.padEnd(width)}   ${why}`);
}

/** The first that applies: later ones cannot be told then. */
function headline(status: Status): string {
  const { changedBy, exists, dockerAnswers, pendingOperations, isComplete } = status;
  if (changedBy !== undefined) {
    return `is being changed by ${changedBy}`;
  }
  if (!exists) {
    return status.containers.length > 0
      ? `does not exist here, but Docker has ${status.containers.length} containers with its name`
      : "does not exist";
  }
  if (dockerAnswers === false) {
    return "has containers, and no Docker Engine answers";
  }
  if (pendingOperations > 0) {
    return `is half made: the last run was interrupted while it made ${pendingOperations} resources`;
  }
  if (!isComplete) {
    return "is half made: no update of it has ended";
  }
  return [runs(status), ...findings(status)].join("; ");
}

function runs({ containers, accessPoints }: Status): string {
  const wanted = new Set(Object.values(accessPoints).flatMap(({ container }) => container ?? []));
  const healthy = containers.filter(({ name, health }) => wanted.has(name) && health === "healthy");
  return wanted.size === 0
    ? "uses servers that exist"
    : `runs ${healthy.length} of ${wanted.size} containers`;
}

function findings(status: Status): string[] {
  const { ledgers, drift, staleLocks, lastBackup } = status;
  const pending = ledgers.reduce(
    (sum, ledger) =>
      sum + (ledger.status?.pending.length ?? 0) + (ledger.status?.repeatables.length ?? 0),
    0,
  );
  const byHand = ledgers.reduce(
    (sum, ledger) =>
      sum + (ledger.status?.drift?.length ?? 0) + (ledger.status?.rights.length ?? 0),
    drift.length,
  );
  const found = [
    count(unhealthy(status).length, "container is not healthy", "containers are not healthy"),
    count(staleLocks.length, "lock of a killed run is left", "locks of killed runs are left"),
    count(pending, "migration is pending", "migrations are pending"),
    count(byHand, "thing was changed by hand", "things were changed by hand"),
    count(silentServers(status), "server does not answer", "servers do not answer"),
    lastBackup?.isLate ? lastBackupText(lastBackup) : undefined,
  ].filter((text) => text !== undefined);
  const isAsked = status.engineIsThere;
  if (!isAsked) {
    return [...found, "without the Pulumi engine, databases and topics were not asked"];
  }
  return found.length > 0 ? found : ["nothing is pending, nothing was changed by hand"];
}

const count = (number: number, one: string, several: string): string | undefined =>
  number === 0 ? undefined : `${number} ${number === 1 ? one : several}`;
