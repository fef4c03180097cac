import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { lastLines, type Result, run } from "../../../cli/machine/run";
import { ROOT } from "../../../cli/paths";

/** Parts of a checkout that are not in git. */
const UNTRACKED = new Set(["node_modules", ".git", ".platform"]);

/** An environment without any setup: no backend, passphrase or stack. */
export function withoutStacksOfOthers(): NodeJS.ProcessEnv {
  const ours = /^PULUMI_(BACKEND_URL|STACK|CONFIG_PASSPHRASE.*)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !ours.test(key)));
}

/**
 * A copy of the project in its own directory. Tests may edit its files, and its stacks have their own state,
 * separate from the developer's.
 */
export class Checkout {
  public readonly root: string;
  private exports: string | undefined;

  constructor() {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), "learning-platform-e2e-")));
    for (const entry of readdirSync(ROOT).filter((name) => !UNTRACKED.has(name))) {
      cpSync(join(ROOT, entry), join(this.root, entry), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
    symlinkSync(join(ROOT, "node_modules"), join(this.root, "node_modules"));
  }

  /** Runs `npm run <command>` to its end. */
  public npm(command: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Result> {
    return run("npm", ["run", "-s", "--prefix", this.root, command, "--", ...args], {
      env: { ...withoutStacksOfOthers(), ...env },
    });
  }

  /** Like `npm`, but a failed command throws an error with its last lines. */
  public async npmOk(command: string, args: string[] = []): Promise<string> {
    const { code, stdout, stderr } = await this.npm(command, args);
    if (code !== 0) {
      throw new Error(`npm run ${command} ended with ${code}:\n${lastLines(stdout + stderr, 30)}`);
    }
    return stdout;
  }

  /** Runs the engine in the checkout, with the exports of `npm run setup`. `setup` runs once. */
  public async pulumi(...args: string[]): Promise<Result> {
    this.exports ??= await this.npmOk("setup");
    const script = `${this.exports}\ncd '${this.root}' && exec pulumi "$@"`;
    return run("bash", ["-c", script, "--", ...args, "--non-interactive"], {
      env: withoutStacksOfOthers(),
    });
  }

  /** Flags for every engine command on stack `dev`. */
  public readonly devFlags = (): string[] => [
    "--stack",
    "dev",
    "--config-file",
    this.path(".platform", "Pulumi.dev.yaml"),
  ];

  public path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  /** Hash by path of every file, without those that runs write. */
  public fingerprint(): Record<string, string> {
    const files: Record<string, string> = {};
    const visit = (directory: string) => {
      for (const entry of readdirSync(directory)) {
        const path = join(directory, entry);
        if (directory === this.root && UNTRACKED.has(entry)) {
          continue;
        }
        if (statSync(path).isDirectory()) {
          visit(path);
        } else {
          files[relative(this.root, path)] = createHash("sha256")
            .update(readFileSync(path))
            .digest("hex");
        }
      }
    };
    visit(this.root);
    return files;
  }

  /**
   * Destroys the stacks that exist, and removes the copy.
   * @throws Error if a stack still exists; the copy then stays, because only it has the stack's state
   */
  public async cleanUp(...stacks: string[]): Promise<void> {
    const left: string[] = [];
    for (const stack of stacks.length > 0 ? stacks : ["dev"]) {
      if (existsSync(this.path(".platform", "stacks", `Pulumi.${stack}.yaml`))) {
        const { code, stderr } = await this.npm("down", ["--stack", stack]);
        left.push(...(code === 0 ? [] : [`Stack ${stack} is left: ${stderr}`]));
      }
    }
    if (left.length > 0) {
      throw new Error(`${left.join("\n")}\nThe state is in ${this.root}.`);
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}
