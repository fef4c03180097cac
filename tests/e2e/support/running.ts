import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { readLocks, stillHeld } from "../../../cli/stack/engine-lock";
import { type Checkout, withoutStacksOfOthers } from "./checkout";

/** Waits until `isSo` returns true. */
export async function until(isSo: () => boolean | Promise<boolean>, withinMs = 240_000) {
  const deadline = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) {
      throw new Error(`did not come true within ${withinMs} ms: ${isSo}`);
    }
    await sleep(100);
  }
}

/** A command that runs while the test does something else. */
export class Running {
  /** Its output so far. */
  public printed = "";
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(
    private readonly checkout: Checkout,
    private readonly stack = "dev",
    private readonly words = ["up"],
    env: NodeJS.ProcessEnv = {},
  ) {
    const args = [
      ...[checkout.path("cli", "bootstrap.js"), "cli/main.ts"],
      ...[...words, "--stack", stack],
    ];
    this.child = spawn(process.execPath, args, {
      cwd: checkout.root,
      env: { ...withoutStacksOfOthers(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.printed += text));
    }
    this.ended = once(this.child, "close");
  }

  /** Waits for this output; throws if the run ends before. */
  public async hasPrinted(text: RegExp): Promise<void> {
    await until(() => {
      if (this.child.exitCode !== null) {
        throw new Error(
          `${this.words[0]} ended with ${this.child.exitCode} and without ${text}:\n${this.printed}`,
        );
      }
      return text.test(this.printed);
    });
  }

  public async exitCode(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }

  /** Kills the cli like a crash, while no engine runs. */
  public async killAlone(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Kills cli and engine like a crash, so that neither can clean up. */
  public async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    const locks = join(
      this.checkout.root,
      ".platform/state/.pulumi/locks/organization/learning-platform",
      this.stack,
    );
    // A killed process that writes to a busy disk may live for a while.
    await until(async () => {
      const held = readLocks(locks);
      const living = stillHeld(held);
      living.forEach(({ pid }) => kill(pid));
      return held.length > 0 && living.length === 0;
    });
    await this.ended;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It ended in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}

/** Command lines of the program's and plugins' processes that Pulumi runs in the checkout (Linux). */
export function processesOf(checkout: Checkout): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const isOwn = readlinkSync(`/proc/${pid}/cwd`) === checkout.root;
        return isOwn && command.includes("@pulumi/pulumi/cmd/") ? [command] : [];
      } catch {
        return [];
      }
    });
}
