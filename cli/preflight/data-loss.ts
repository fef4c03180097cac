import type { DataLoss } from "../plan/plan";

/** What is lost with each kind. */
export const DATA: Readonly<Record<DataLoss["kind"], string>> = {
  topic: "records",
  database: "tables",
  volume: "files",
};

const KEY = "learning-platform:allowDataLoss";

/**
 * Refuses to delete data that the stack's configuration does not give up by name.
 * @param allowed names of topics, databases and volumes that may lose their data
 */
export function dataLossFaults(losses: DataLoss[], allowed: readonly string[]): string[] {
  return losses.flatMap((loss) => {
    const { kind, name, action } = loss;
    // A replacement may lose its protection in the same run; a deletion needs a run before.
    const isBlocked = action === "delete" && loss.isProtected;
    // Migrations would not run again on a database that was recreated empty.
    const canBeAllowed = action === "delete" || kind === "topic";
    return allowed.includes(name) && canBeAllowed && !isBlocked
      ? []
      : [action === "delete" ? deletionFault(loss) : replacementFault(loss, canBeAllowed)];
  });
}

function deletionFault({ kind, name, isProtected }: DataLoss): string {
  const loss = `The ${kind} ${name} would be deleted with its ${DATA[kind]}, because the program no longer has it.`;
  return isProtected
    ? `${loss} It is protected: restore it in the program, add ${name} to ${KEY}, run up, and then remove it.`
    : `${loss} Restore it in the program, or add ${name} to ${KEY}.`;
}

function replacementFault({ kind, name, partitions }: DataLoss, canBeAllowed: boolean): string {
  const reason = partitions
    ? `: Kafka cannot reduce its partitions from ${partitions[0]} to ${partitions[1]}`
    : "";
  const orAllow = canBeAllowed ? `, or add ${name} to ${KEY}` : "";
  return `The ${kind} ${name} would be recreated without its ${DATA[kind]}${reason}. Undo that change${orAllow}.`;
}
