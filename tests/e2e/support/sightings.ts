import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../../cli/run";
import { docker } from "./docker";

const SAMPLE_MS = 25;

/** Command lines of every process of the machine, gathered while something runs (Linux). */
export class CommandLines {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.look(), SAMPLE_MS);

  /** All that were seen, a line each. */
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
        // It has ended meanwhile.
      }
    }
  }
}

/** A file below a folder, with its content as text. */
interface FoundFile {
  path: string;
  content: string;
}

/** Every file below the folder; links are not followed, and a file that is gone meanwhile is left out. */
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

/** What Docker tells of a stack's containers, volumes and networks, labels and environment included, and their logs. */
export async function toldByDocker(stack: string): Promise<string> {
  const label = `label=learning-platform.stack=${stack}`;
  const texts: string[] = [];
  for (const kind of ["container", "volume", "network"]) {
    const all = kind === "container" ? ["-a"] : [];
    const ids = (await docker(kind, "ls", ...all, "-q", "--filter", label)).split("\n");
    for (const id of ids.filter(Boolean)) {
      texts.push(await docker(kind, "inspect", id));
      if (kind === "container") {
        // Servers write to both streams: PostgreSQL to that of errors alone.
        const { stdout, stderr } = await run("docker", ["logs", id]);
        texts.push(stdout, stderr);
      }
    }
  }
  return texts.join("\n");
}
