/** The way to a later major version. Until all data was copied and compared, nothing of the stack is changed. */
import { POSTGRES_MAJORS, type PostgresMajor } from "../../catalog/postgres-majors";
import { SERVERS } from "../../catalog/servers";
import { DATA_HOME } from "../../catalog/wal-archive";
import { imageName } from "../../components/platform/image-name";
import type { PlatformConfig } from "../../config";
import { createBackup } from "../backup/create";
import { targetOf } from "../backup/settings";
import { FaultError, throwIfAny } from "../fault";
import { inspectObject } from "../machine/docker";
import { docker, dockerOk } from "../machine/docker-command";
import { majorOfImage } from "../machine/image-major";
import { ensureImages } from "../machine/images";
import { throwIfStopped } from "../machine/stopping";
import { ledgerTargets } from "../migrations/ledgers";
import type { StackOptions } from "../options";
import { logicalName, TYPES } from "../resource-types";
import { removeStaleLock } from "../stack/engine-lock";
import { stackConfiguration } from "../stack/settings";
import { openStack } from "../stack/stack";
import type { StackResource } from "../stack/state";
import { npmCommand } from "../status/next-steps";
import { confirm } from "../terminal/confirm";
import { copyData, removeVolume } from "./copy";
import { findServer } from "./find-server";
import { type UpgradableServer, volumeOf } from "./server";
import { settle, type Version } from "./settle";

interface Choice {
  /** Image as the configuration names it; undefined takes that of the configuration. */
  image?: string;
  backup: boolean;
  yes: boolean;
}

type Say = (line: string) => void;

/** From the server's stop to its start, Ctrl-C ends the copying, and not these. */
const WHOLE = { stopBy: "none" } as const;

/**
 * Copies the data to a new volume, and makes the stack's settings and state those of the later version. The `up` that has to
 * follow starts it.
 * @throws FaultError where anything is refused, fails or differs; then the server runs as before
 */
export async function upgradeData(
  options: StackOptions,
  choice: Choice,
  say: Say,
): Promise<Version> {
  const { stack } = options;
  const { server, resources } = await findServer(options, say);
  const config = configurationOf(stack, choice.image);
  const image = choice.image ?? config.postgresImage;
  const name = imageName(image, config.imageRegistry);
  await ensureImages([{ kind: "postgres", name }], options.offline, say);
  const major = laterMajor(server, image, await majorOfImage(name));
  const volume = volumeOf(server, major);
  await refuseTaken(stack, volume);
  await refuseFullDisk(server);

  planLines(server, { major, image, volume }, choice).forEach(say);
  await confirm(`Upgrade stack ${stack}?`, choice.yes);
  if (choice.backup && config.backupTo !== "" && config.backupRecipient !== "") {
    await createBackup(options, await targetOf(stack, {}));
  }
  const opened = await openStack(stack);
  await removeStaleLock(opened, say);
  const version = { major, image, volume };
  try {
    say("Stopping PostgreSQL ...");
    await dockerOk("PostgreSQL did not stop", ["stop", "--time", "60", server.container], WHOLE);
    const imageBefore = nameBefore(server, config, resources);
    const migrated = ledgerTargets(resources).map(({ inputs }) => inputs);
    await copyData(
      server,
      { image: name, volume, imageBefore, migrated, fsync: config.fsync },
      say,
    );
    throwIfStopped();
    await settle(opened, version);
  } catch (error) {
    await removeVolume(volume);
    await docker(["start", server.container], WHOLE);
    say(`PostgreSQL ${server.major} was started again with its data. Nothing was changed.`);
    throw error;
  }
  return version;
}

/** The configuration, which may name the later image already; it is not valid where it names an image alone. */
function configurationOf(stack: string, image: string | undefined): PlatformConfig {
  try {
    return stackConfiguration(stack);
  } catch (error) {
    const advice =
      image === undefined ? ["Or name the image: npm run upgrade -- --postgres IMAGE"] : [];
    throw new FaultError([(error as Error).message, ...advice]);
  }
}

function laterMajor(
  { stack, major }: UpgradableServer,
  image: string,
  found: number | undefined,
): PostgresMajor {
  const known = POSTGRES_MAJORS.find((each) => each === found);
  if (known !== undefined && known > major) {
    return known;
  }
  const version =
    found === undefined ? "does not say which version it has" : `is PostgreSQL ${found}`;
  const reason =
    found === major
      ? `Stack ${stack} has that version: for another image of it, set learning-platform:postgresImage and run up.`
      : known === undefined
        ? `It must be ${POSTGRES_MAJORS.filter((each) => each > major).join(" or ") || "a later version than this program knows"}.`
        : `Stack ${stack} has ${major}, and no server reads the data of a later version. ${npmCommand(stack, "upgrade", ["--back"])} takes an upgrade back.`;
  throw new FaultError([`${image} ${version}. ${reason} Nothing was changed.`]);
}

async function refuseTaken(stack: string, volume: string): Promise<void> {
  throwIfAny(
    (await inspectObject("volume", volume)) === undefined
      ? []
      : [
          `The volume ${volume} is there, of an upgrade that was taken back or interrupted. ` +
            `Remove it: ${npmCommand(stack, "upgrade", ["--discard"])}. Nothing was changed.`,
        ],
  );
}

/** The copy needs no more room than the data that it is made of, as it has no dead rows. */
async function refuseFullDisk({ container }: UpgradableServer): Promise<void> {
  const script = `df -Pk ${DATA_HOME} | tail -1; du -sk ${DATA_HOME}`;
  const printed = await dockerOk("The size of the data is not known, as PostgreSQL does not run", [
    ...["exec", container, "sh", "-c", script],
  ]);
  const [disk, used] = printed.split("\n").map((line) => line.trim().split(/\s+/));
  const [freeMb, neededMb] = [Number(disk[3]), Number(used[0])].map((kb) => Math.ceil(kb / 1024));
  throwIfAny(
    freeMb < neededMb
      ? [
          `The disk of Docker has ${freeMb} MiB free, and the copy needs up to ${neededMb} MiB. Nothing was changed.`,
        ]
      : [],
  );
}

/** The image that the stack runs on, as its configuration named it: perhaps the file has the later one already. */
function nameBefore(
  { major }: UpgradableServer,
  { postgresImage, postgresMajor }: PlatformConfig,
  resources: readonly StackResource[],
): string {
  const found = resources.find(
    ({ urn, type }) =>
      type === TYPES.image && logicalName(urn) === `${SERVERS.postgres.role}-image`,
  );
  return postgresMajor === major ? postgresImage : String(found?.inputs.name);
}

const planLines = (
  { stack, major, volume }: UpgradableServer,
  version: Version,
  { backup }: Choice,
): string[] => [
  `PostgreSQL of stack ${stack} moves from version ${major} to ${version.major} (${version.image}):`,
  ...(backup ? ["  0. Where the stack has a place for backups, one is made first."] : []),
  "  1. PostgreSQL stops. Services lose their connections until the end.",
  `  2. Roles, rights and databases are copied to the new volume ${version.volume}, and all rows compared. Where this fails,`,
  "     the old server starts again, and nothing was changed.",
  "  3. The stack's settings name the new version, and up starts it. Services connect again, with the same passwords.",
  `The old volume ${volume} stays as it is. ${npmCommand(stack, "upgrade", ["--back"])} takes the upgrade back.`,
];
