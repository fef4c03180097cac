/** Whether PostgreSQL can be recovered to a moment: WAL is archived, and a base backup is there. */
import { SERVERS } from "../../catalog/servers";
import { asAdministrator } from "../../components/postgres/postgres-client";
import { archiveFaults, type ArchiveState, readArchiveState } from "../recover/state";
import { isContainerOf } from "../resource-types";
import { type Check, type Finding, judged, right, unknown, wrong } from "./finding";
import type { Platform } from "./platform";

const WAL = "archive of PostgreSQL's WAL";
const BACKUP = "base backup of PostgreSQL";

export function archiveChecks(platform: Platform): Check[] {
  const archiver = platform.resources.find((resource) =>
    isContainerOf(SERVERS.walArchiver.role, resource),
  );
  if (archiver !== undefined) {
    const name = String(archiver.inputs.name);
    return [{ what: WAL, ask: async () => judgeArchive(name, await readArchiveState(name)) }];
  }
  const isExisting = platform.outputs.accessPoints.postgres?.container === undefined;
  return isExisting ? [{ what: WAL, ask: () => askServer(platform) }] : [];
}

export function judgeArchive(container: string, state: ArchiveState | undefined): Finding[] {
  if (state === undefined) {
    return [unknown(WAL, `the container ${container} does not answer`)];
  }
  return [
    judged(WAL, archiveFaults({ ...state, backupError: null }), "up to date"),
    state.backup === null
      ? state.backupError === null
        ? unknown(BACKUP, "the first one is being made")
        : wrong(BACKUP, state.backupError, "there")
      : judged(
          BACKUP,
          state.backupError === null ? [] : [`the last one failed: ${state.backupError}`],
          `of ${new Date(state.backup.endTime).toISOString()}`,
        ),
  ];
}

/** What a server that exists says of its own archive. Many offerings archive by other means, and then it says nothing. */
async function askServer({ databases, outputs }: Platform): Promise<Finding[]> {
  const { host, port, trusted } = databases[0].inputs;
  const { username, password } = outputs.administrators.postgres;
  const administrator = { host, port, trusted, adminUsername: username, adminPassword: password };
  const [row] = await asAdministrator(administrator, async (client) => {
    const { rows } = await client.query<ArchiverRow>(
      `select current_setting('archive_mode') <> 'off' as archives, last_failed_wal as "lastFailed",
         coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as fails
       from pg_stat_archiver`,
    );
    return rows;
  });
  return judgeServer(row);
}

export interface ArchiverRow {
  archives: boolean;
  fails: boolean;
  lastFailed: string | null;
}

export const judgeServer = ({ archives, fails, lastFailed }: ArchiverRow): Finding[] =>
  !archives
    ? []
    : fails
      ? [wrong(WAL, `the server fails to archive ${lastFailed}`, "the last attempt succeeded")]
      : [right(WAL, "the last attempt succeeded")];
