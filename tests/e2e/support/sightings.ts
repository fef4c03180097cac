import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../../cli/machine/run";
import { docker } from "./docker";

const SAMPLE_MS = 25;

/** Collects the command lines of all processes while something runs (Linux). */
export class CommandLines {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.look(), SAMPLE_MS);

  /** All collected command lines, one per line. */
  public stop(): string {
    clearInterval(this.timer);
    this.look();
    return [...this.seen].join("\n");
  }

  private look(): void {
    for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        this.seen.add(readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // It ended in the meantime.
      }
    }
  }
}

/** A file in a folder, with its content as text. */
interface FoundFile {
  path: string;
  content: string;
}

/** All files in a folder. Links are not followed, and files that disappear meanwhile are left out. */
export function filesBelow(directory: string): FoundFile[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry): FoundFile[] => {
    const path = join(directory, entry.name);
    try {
      if (entry.isDirectory()) {
        return filesBelow(path);
      }
      return entry.isFile() ? [{ path, content: readFileSync(path, "latin1") }] : [];
    } catch {
      return [];
    }
  });
}

/** Docker's data on a stack's containers, volumes and networks, with labels, environment and logs. */
export async function toldByDocker(stack: string): Promise<string> {
  const label = `label=learning-platform.stack=${stack}`;
  const texts: string[] = [];
  for (const kind of ["container", "volume", "network"]) {
    const all = kind === "container" ? ["-a"] : [];
    const ids = (await docker(kind, "ls", ...all, "-q", "--filter", label)).split("\n");
    for (const id of ids.filter(Boolean)) {
      texts.push(await docker(kind, "inspect", id));
      if (kind === "container") {
        // Servers write to both streams. PostgreSQL writes only to stderr.
        const { stdout, stderr } = await run("docker", ["logs", id]);
        texts.push(stdout, stderr);
      }
    }
  }
  return texts.join("\n");
}
