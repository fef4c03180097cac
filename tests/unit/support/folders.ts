import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** For scripts of sh. */
export function skipOnWindows(this: Mocha.Context): void {
  if (process.platform === "win32") {
    this.skip();
  }
}

/** Folders that a script of a container works on, in a temporary place of this machine. */
export class Folders {
  private readonly root = mkdtempSync(join(tmpdir(), "learning-platform-folders-"));

  public path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  public write(folder: string, files: Record<string, string>): void {
    mkdirSync(this.path(folder), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(this.path(folder, name), content);
    }
  }

  /** The files of a folder, by name. */
  public read(folder: string): Record<string, string> {
    const names = readdirSync(this.path(folder)).sort();
    const files = names.filter((name) => statSync(this.path(folder, name)).isFile());
    return Object.fromEntries(
      files.map((name) => [name, readFileSync(this.path(folder, name), "utf8")]),
    );
  }

  public exists(path: string): boolean {
    return existsSync(this.path(path));
  }

  /**
   * Runs a script of sh.
   * @param failing beginning of a command line that fails, such as `mv /a/b`, as on a full disk
   */
  public run(script: string, args: string[], failing?: string) {
    const bin = this.path("bin");
    mkdirSync(bin, { recursive: true });
    for (const command of ["mv", "cp"]) {
      const fails = failing
        ? `case "${command} $*" in "${failing}"*|"${failing.replace(" ", " -a ")}"*) echo "No space left" >&2; exit 1;; esac\n`
        : "";
      writeFileSync(join(bin, command), `#!/bin/sh\n${fails}exec /bin/${command} "$@"\n`, {
        mode: 0o755,
      });
    }
    return spawnSync("sh", ["-c", script, "script", ...args], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
      encoding: "utf8",
    });
  }

  public remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
