/** Recovers the data beside the running server, so that nothing is lost where it fails. */
import { setTimeout as sleep } from "node:timers/promises";

import { LABELS } from "../../catalog/labels";
import { ARCHIVE_HOME } from "../../catalog/wal-archive";
import { FaultError } from "../fault";
import { containerLog, removeContainer } from "../machine/docker";
import { docker, dockerOk } from "../machine/docker-command";
import { lastLines } from "../machine/run";
import { PROJECT } from "../stack/local-state";
import { missedMoment, type RecoveryPath } from "./archive";
import type { Moment } from "./moment";
import { agent, type Login, type RecoveryServers, sql } from "./servers";

/** Where the data is recovered, on the archive's volume. */
export const RECOVERY = `${ARCHIVE_HOME}/recovery`;

const SOCKET = "/tmp";
/** How often a recovery that goes on is told of. */
const REPORT_MS = 10_000;

/**
 * Restores the base backup, replays the WAL up to the moment in a server without a network, and gives its roles the
 * stack's passwords: those of the moment may be others.
 * @returns what PostgreSQL logged of where it stopped, if anything
 * @throws FaultError where the archive does not reach the moment; the running server was not touched
 */
export async function recoverBeside(
  servers: RecoveryServers,
  { backup, timeline }: RecoveryPath,
  moment: Moment,
  say: (line: string) => void,
): Promise<string | undefined> {
  const name = `${servers.postgres}-recovery`;
  await removeContainer(name);
  try {
    say(`Restoring base backup ${backup.id} ...`);
    const restored = await agent(servers, ["restore", backup.id, RECOVERY]);
    if (restored.code !== 0) {
      throw new FaultError([`${lastLines(restored.stderr, 1)} Nothing was changed.`]);
    }
    say("Replaying the WAL ...");
    await dockerOk(
      "The recovery did not start",
      await recoveryServer(name, servers, timeline, moment),
    );
    await promoted(name, moment, say);
    const line = stoppedAt(await containerLog(name, 200));
    await setPasswords(name, servers);
    await stopped(name);
    await removeContainer(name, { stopBy: "none" });
    return line;
  } catch (error) {
    await removeContainer(name, { stopBy: "none" });
    await discardRecovery(servers);
    throw error;
  }
}

/** Removes what was recovered: it would fill the disk, and the next recovery begins anew. */
export async function discardRecovery(servers: RecoveryServers): Promise<void> {
  const { code } = await agent(servers, ["discard", RECOVERY], { stopBy: "none" });
  if (code !== 0) {
    // The container may run the program of before an update of this checkout, which knows no `discard`.
    await docker(["exec", servers.archiver, "rm", "-rf", RECOVERY], { stopBy: "none" });
  }
}

async function recoveryServer(
  name: string,
  { stack, archiver, archive, image }: RecoveryServers,
  timeline: string,
  moment: Moment,
): Promise<string[]> {
  const data = `${RECOVERY}/data`;
  const owner = await dockerOk("The restored data cannot be seen", [
    ...["exec", archiver, "stat", "-c", "%u:%g", data],
  ]);
  const settings = {
    hba_file: `${RECOVERY}/pg_hba.conf`,
    listen_addresses: "",
    unix_socket_directories: SOCKET,
    log_timezone: "UTC",
    // Otherwise the limits of connections must be those of the server that wrote the WAL.
    hot_standby: "off",
    restore_command: `sh ${ARCHIVE_HOME}/restore-wal.sh %f %p`,
    recovery_target_timeline: timeline,
    recovery_target_action: "promote",
    ...(moment === "latest" ? {} : { recovery_target_time: postgresTime(moment) }),
    // What the recovery writes waits until the stack's server archives it.
    archive_mode: "on",
    archive_command: "/bin/false",
    // It sets passwords.
    log_min_error_statement: "panic",
  };
  return [
    ...["run", "--detach", "--name", name, "--network", "none", "--user", owner],
    ...["--label", `${LABELS.project}=${PROJECT}`, "--label", `${LABELS.stack}=${stack}`],
    ...["--stop-signal", "SIGINT", "--volume", `${archive}:${ARCHIVE_HOME}`],
    ...["--entrypoint", "postgres", image, "-D", data],
    ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
  ];
}

/** With a number for the zone: the server checks the setting before it has read the names of zones. */
const postgresTime = (moment: Date): string =>
  moment.toISOString().replace("T", " ").replace("Z", "+00");

/** Waits until the server accepts connections: that is after its promotion, as it is no hot standby. */
async function promoted(name: string, moment: Moment, say: (line: string) => void): Promise<void> {
  for (let reported = Date.now(); ; await sleep(500)) {
    if ((await docker(["exec", name, "pg_isready", "-q", "-h", SOCKET])).code === 0) {
      return;
    }
    const { stdout } = await docker(["inspect", "--format", "{{.State.Running}}", name]);
    if (stdout.trim() !== "true") {
      const log = await containerLog(name, 200);
      throw new FaultError([
        missedMoment(log, moment) ??
          `The recovery ended:\n${lastLines(log, 5)}\nNothing was changed.`,
      ]);
    }
    if (Date.now() - reported > REPORT_MS) {
      reported = Date.now();
      const [file] = [
        ...(await containerLog(name, 50)).matchAll(/restored log file "(\w+)"/g),
      ].slice(-1);
      say(file ? `  at WAL file ${file[1]}` : "  waiting for the archive");
    }
  }
}

/** Its data is whole only after a shutdown in order. */
async function stopped(name: string): Promise<void> {
  await docker(["stop", "--time", "300", name]);
  const { stdout } = await docker(["inspect", "--format", "{{.State.ExitCode}}", name]);
  if (stdout.trim() !== "0") {
    throw new FaultError([
      `The recovered server did not stop in order:\n${lastLines(await containerLog(name), 5)}\nNothing was changed.`,
    ]);
  }
}

/** Such as `recovery stopping before commit of transaction 751, time 2026-03-01 14:30:01.5+00`. */
const stoppedAt = (log: string): string | undefined =>
  /recovery stopping [^\n]+/.exec(log)?.[0].trim();

async function setPasswords(
  name: string,
  { superuser, logins }: Pick<RecoveryServers, "superuser" | "logins">,
): Promise<void> {
  const statements = [superuser, ...logins].map(passwordStatement).join("\n");
  if ((await sql(name, statements, superuser, SOCKET)) === undefined) {
    throw new FaultError([
      "The recovered roles did not get the stack's passwords. Nothing was changed.",
    ]);
  }
}

/** A role that was made after the moment is not there: the `up` that follows makes it. */
export const passwordStatement = ({ role, password }: Login): string =>
  `select format('alter role %I password %L', rolname, ${literal(password)}) from pg_roles where rolname = ${literal(role)} \\gexec`;

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
