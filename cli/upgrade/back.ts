/** The way back to the version before an upgrade, and the end of what upgrades have kept. */
import { setTimeout as sleep } from "node:timers/promises";

import { imageName } from "../../components/platform/image-name";
import { FaultError, throwIfAny } from "../fault";
import { containersOn } from "../machine/docker";
import { docker, dockerOk } from "../machine/docker-command";
import { ensureImages } from "../machine/images";
import { throwIfStopped } from "../machine/stopping";
import type { StackOptions } from "../options";
import { passwordStatement } from "../recover/beside";
import { sql } from "../recover/servers";
import { removeStaleLock } from "../stack/engine-lock";
import { readStack } from "../stack/outputs";
import { stackConfiguration } from "../stack/settings";
import { openStack } from "../stack/stack";
import { confirm } from "../terminal/confirm";
import { WAITING_ARCHIVE, withBoundServer } from "./bound-server";
import { findServer } from "./find-server";
import { keptVolumes, replacedBy, serverOf, type UpgradableServer } from "./server";
import { settle, type Version } from "./settle";

type Say = (line: string) => void;

const WHOLE = { stopBy: "none" } as const;
const SOCKET = "/tmp";
const START_MS = 120_000;
const POLL_MS = 500;

/**
 * Gives the stack the volume and the image that the last upgrade replaced. The `up` that has to follow starts them.
 * @throws FaultError where there is no upgrade to take back
 */
export async function goBack(options: StackOptions, yes: boolean, say: Say): Promise<Version> {
  const { stack } = options;
  const { server } = await findServer(options, say);
  const before = await replacedBy(server.volume);
  if (before === undefined) {
    throw new FaultError([
      `Stack ${stack} keeps no data of before an upgrade. Nothing was changed.`,
    ]);
  }
  const { imageRegistry } = stackConfiguration(stack);
  const image = imageName(before.image, imageRegistry);
  await ensureImages([{ kind: "postgres", name: image }], options.offline, say);
  say(
    `PostgreSQL of stack ${stack} goes back from version ${server.major} to ${before.major} (${before.image}),`,
  );
  say(
    "with the data that it had before the upgrade. What was written since is in no database then: it stays",
  );
  say(`on the volume ${server.volume} until npm run upgrade -- --discard.`);
  await confirm("Go back?", yes);
  const opened = await openStack(stack);
  await removeStaleLock(opened, say);
  say("Stopping PostgreSQL ...");
  await docker(["stop", "--time", "60", server.container], WHOLE);
  try {
    say("Giving its roles the stack's passwords, which may be newer ...");
    await setPasswords(server, { image, volume: before.volume });
    throwIfStopped();
    await settle(opened, before);
  } catch (error) {
    await docker(["start", server.container], WHOLE);
    say(`PostgreSQL ${server.major} was started again with its data. Nothing was changed.`);
    throw error;
  }
  return before;
}

/** In a server that only this process reaches, by a file of rights that lets it in without a password. */
async function setPasswords(
  { stack, container, superuser, logins, archives }: UpgradableServer,
  { image, volume }: { image: string; volume: string },
): Promise<void> {
  const name = `${container}-upgrade-back`;
  await withBoundServer(
    {
      ...{ name, stack, image, volume, password: superuser.password },
      options: ["--network", "none", "--tmpfs", `${SOCKET}:mode=1777`],
      settings: {
        ...{ listen_addresses: "", unix_socket_directories: SOCKET },
        // It sets passwords.
        log_min_error_statement: "panic",
        ...(archives ? WAITING_ARCHIVE : {}),
      },
      access: "local all all trust",
    },
    async () => {
      const statements = [superuser, ...logins].map(passwordStatement).join("\n");
      if (!(await givePasswords(name, statements, superuser))) {
        throw new FaultError(["The roles did not get the stack's passwords."]);
      }
    },
  );
}

/** Tries until the server answers. */
async function givePasswords(
  container: string,
  statements: string,
  superuser: UpgradableServer["superuser"],
): Promise<boolean> {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(POLL_MS)) {
    if ((await sql(container, statements, superuser, SOCKET)) !== undefined) {
      return true;
    }
  }
  return false;
}

/** Removes the volumes of PostgreSQL that the stack does not use. */
export async function discardKept(options: StackOptions, yes: boolean, say: Say): Promise<void> {
  const server = serverOf(options.stack, await readStack(options));
  const kept = await keptVolumes(server);
  if (kept.length === 0) {
    say(`Stack ${options.stack} keeps no data of another version.`);
    return;
  }
  say(`Removing ${kept.join(", ")}, after which no upgrade can be taken back.`);
  await confirm("Remove it?", yes);
  for (const volume of kept) {
    const users = await containersOn("volume", volume);
    throwIfAny(
      users.length > 0
        ? [
            `The container ${users.join(", ")} uses ${volume}. Remove it first: docker rm -f ${users.join(" ")}`,
          ]
        : [],
    );
    await dockerOk(`${volume} was not removed`, ["volume", "rm", volume]);
  }
}
