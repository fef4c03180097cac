/** How far the archive of PostgreSQL's WAL is behind. */
import { ARCHIVE_AGENT } from "../../catalog/wal-archive";
import { docker } from "../machine/docker-command";
import type { BaseBackup } from "./archive";

/** As components/postgres/wal-archive/agent.py prints it. */
export interface ArchiveState {
  /** Whether the archive answered since the container's start. */
  answered: boolean;
  /** Why the last file was not archived; null where it was. */
  error: string | null;
  /** Files of WAL that PostgreSQL keeps until they are archived, and for how long the oldest has been waiting. */
  waitingFiles: number;
  waitingSeconds: number;
  backup: BaseBackup | null;
  /** Why the last base backup failed; null where it did not. */
  backupError: string | null;
  /** When PostgreSQL last gave WAL up, until a base backup has followed. */
  gap: string | null;
}

/** WAL that waits for as long is behind; below that, PostgreSQL may just have closed the file. */
const BEHIND_SECONDS = 60;

/** @returns undefined where the container does not run */
export async function readArchiveState(container: string): Promise<ArchiveState | undefined> {
  const { code, stdout } = await docker(["exec", container, "python3", ARCHIVE_AGENT, "state"]);
  return code === 0 ? (JSON.parse(stdout) as ArchiveState) : undefined;
}

/** What is wrong, one sentence each. */
export const archiveFaults = (state: ArchiveState): string[] => [
  ...(state.answered ? [] : [`it has not answered yet: ${state.error ?? "it starts"}`]),
  ...(state.waitingSeconds >= BEHIND_SECONDS
    ? [
        `${state.waitingFiles} files of WAL wait, the oldest for ${state.waitingSeconds} s${state.error === null ? "" : `: ${state.error}`}`,
      ]
    : []),
  ...(state.gap === null
    ? []
    : [
        `it has a gap: WAL was given up, last at ${state.gap}, and no base backup has followed yet`,
      ]),
  ...(state.backupError === null ? [] : [`the last base backup failed: ${state.backupError}`]),
];

/** What a person reads of it. */
export const archiveLines = (state: ArchiveState): string[] => [
  state.backup === null
    ? "no base backup yet"
    : `base backup of ${new Date(state.backup.endTime).toISOString()}, ${state.waitingFiles} files of WAL wait`,
  ...archiveFaults(state),
];
