/** Where the state is, and what runs that were killed left of it. */
import { chmodSync, existsSync, statfsSync, statSync } from "node:fs";
import { relative } from "node:path";

import { engineEnvironment } from "../engine/environment";
import { ENGINE } from "../engine/install";
import { FaultError } from "../fault";
import { PASSPHRASE_FILE, ROOT, STATE } from "../paths";
import { findLocks } from "../stack/command-lock";
import { readLocks, removeStaleLock, stillHeld } from "../stack/engine-lock";
import {
  backend,
  diskFault,
  keepsStateHere,
  localStacks,
  localState,
  lockDirectory,
} from "../stack/local-state";
import { openStack } from "../stack/stack";
import { npmCommand } from "../status/next-steps";
import { findStacks } from "../sweep/found";
import { fault, type Finding, ok, warning } from "./finding";

export async function checkBackend(): Promise<Finding[]> {
  if (keepsStateHere()) {
    return [checkFolder(), ...checkPassphrase()];
  }
  if (!existsSync(ENGINE)) {
    return [warning("Backend", `${backend()} was not asked: the engine is not installed yet`)];
  }
  try {
    const stacks = await findStacks();
    return [ok("Backend", `${backend()} answers, with ${stacks.length} stacks`)];
  } catch (error) {
    if (error instanceof FaultError) {
      const remedy = "Check PULUMI_BACKEND_URL and the login to it.";
      return [fault("Backend", error.faults.join(" "), remedy)];
    }
    throw error;
  }
}

function checkFolder(): Finding {
  const folder = existsSync(STATE) ? STATE : ROOT;
  const { bavail, bsize } = statfsSync(folder);
  const freeMib = Math.floor((bavail * bsize) / (1024 * 1024));
  const full = diskFault(freeMib);
  const where = `${relative(ROOT, STATE)}, with ${localStacks().length} stacks`;
  return full === undefined
    ? ok("Backend", `${where}; its disk has ${freeMib} MiB free`)
    : fault("Backend", where, full);
}

/** Of this machine's backend: whoever names another passphrase keeps it. */
function checkPassphrase(): Finding[] {
  if (engineEnvironment().PULUMI_CONFIG_PASSPHRASE_FILE !== PASSPHRASE_FILE) {
    return [ok("Passphrase", "named by the environment")];
  }
  const file = relative(ROOT, PASSPHRASE_FILE);
  const mode = statSync(PASSPHRASE_FILE, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) {
    return localStacks().length === 0
      ? [ok("Passphrase", "up makes it with the first stack")]
      : [
          fault(
            "Passphrase",
            `${file} is missing, and ${localStacks().join(", ")} cannot be read without it`,
            "Restore it from a copy. Without one, the stacks' passwords are lost: docs/rotation.md.",
          ),
        ];
  }
  const isWide = process.platform !== "win32" && (mode & 0o077) !== 0;
  return [
    isWide
      ? warning("Passphrase", `others can read ${file}`, `chmod 600 ${file}`, {
          done: `made ${file} readable for its owner alone`,
          run: () => chmodSync(PASSPHRASE_FILE, 0o600),
        })
      : ok("Passphrase", file),
  ];
}

/** Locks of all stacks of this checkout. */
export function checkLocks(): Finding[] {
  const commands = findLocks().map(({ file, holder, isStale, remove }) =>
    isStale
      ? warning(
          "Locks",
          `${holder} has ended and left ${relative(ROOT, file)}`,
          "The next command removes it.",
          {
            done: `removed ${relative(ROOT, file)}`,
            run: remove,
          },
        )
      : ok("Locks", `a stack is being changed by ${holder}`),
  );
  const engines = keepsStateHere() ? localStacks().flatMap(checkEngineLocks) : [];
  const found = [...commands, ...engines];
  return found.length > 0 ? found : [ok("Locks", "none")];
}

function checkEngineLocks(stack: string): Finding[] {
  const locks = readLocks(lockDirectory(stack));
  const held = stillHeld(locks);
  return locks
    .filter((lock) => !held.includes(lock))
    .map(({ pid }) =>
      warning(
        "Locks",
        `process ${pid}, which was killed, left its lock on stack ${stack}`,
        `${npmCommand(stack, "up")} removes it.`,
        {
          done: `removed the lock of process ${pid} on stack ${stack}`,
          run: async () => removeStaleLock(await openStack(stack), () => undefined),
        },
      ),
    );
}

/** What killed runs were making; only an update knows what to do with it. */
export function checkStates(): Finding[] {
  const stacks = keepsStateHere() ? localStacks() : [];
  const found = stacks.map((stack): Finding => {
    try {
      const pending = localState(stack)?.pending_operations?.length ?? 0;
      return pending === 0
        ? ok("State", `${stack}: no operation is pending`)
        : warning(
            "State",
            `${stack}: ${pending} operations of a killed run are pending`,
            `${npmCommand(stack, "up")} recovers them.`,
          );
    } catch (error) {
      if (error instanceof FaultError) {
        return fault("State", `${stack} cannot be read`, error.faults.join("\n"));
      }
      throw error;
    }
  });
  return found.length > 0 ? found : [ok("State", "there is no stack here")];
}
