/** What the server and the container of the archive are told. */
import { readFileSync } from "node:fs";

import { ARCHIVE_HOME } from "../../../catalog/wal-archive";

/** Script of the archive_command, in PostgreSQL's container. */
export const ARCHIVE_SCRIPT = "/etc/platform/archive-wal.sh";

/** Seconds after which the server closes a file of pg_wal that has changes: what a lost server may lose. */
const ARCHIVE_TIMEOUT_SECONDS = 60;
/** Size of a file of pg_wal: the default of initdb. */
const SEGMENT_MB = 16;

/** The settings of a server with an archive. `sh` is in every image of the server. */
export const archiveSettings = (queueMb: number): Record<string, string | number> => ({
  archive_mode: "on",
  archive_command: `sh ${ARCHIVE_SCRIPT} %f ${Math.ceil(queueMb / SEGMENT_MB)}`,
  archive_timeout: ARCHIVE_TIMEOUT_SECONDS,
});

/** A file beside this one: the program runs in the root of the checkout, compiled or not. */
export const archiveFile = (name: "agent.py" | "archive-wal.sh" | "restore-wal.sh"): string =>
  readFileSync(`components/postgres/wal-archive/${name}`, "utf8");

/** Fails until the archive answered after the start, and where the agent's main loop stands still. */
export const archiveProbe = [
  ...["sh", "-c"],
  `[ -e ${ARCHIVE_HOME}/ready ] && [ $(($(date +%s) - $(stat -c %Y ${ARCHIVE_HOME}/heartbeat))) -lt 15 ]`,
];

/** The file of credentials as boto3 reads it. */
export const credentialsFile = (keyId: string, secret: string): string =>
  `[default]\naws_access_key_id = ${keyId}\naws_secret_access_key = ${secret}\n`;
