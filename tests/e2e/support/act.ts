/** Runs the project's workflows on this machine, with act in place of GitHub. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { type Result, run } from "../../../cli/machine/run";
import { ACT, ensureTool } from "../../../tools/workflows/tools";
import { withoutStacksOfOthers } from "./checkout";

interface Workflow {
  jobs: Record<string, { "runs-on": string | string[]; steps: { uses?: string }[] }>;
}

/** Actions of GitHub by what they do here; each is a folder with this action.yml. */
const STAND_INS: Record<string, string> = {
  // A runner that lasts keeps its checkout; act has a folder for each job.
  "actions/checkout": steps(
    'if [ "$GITHUB_JOB" = "$BEFORE_JOB" ]; then eval "$BEFORE_SCRIPT"; fi',
    'cd / && rmdir "$GITHUB_WORKSPACE" && ln -s "$CHECKOUT" "$GITHUB_WORKSPACE"',
  ),
  "actions/setup-node": steps('echo "SET_UP_NODE=$VERSION" >> "$GITHUB_ENV"'),
  // Of a folder, what is in it.
  "actions/upload-artifact": steps(
    'to="$ARTEFACTS/$NAME"',
    'if [ -d "$FROM" ]; then mkdir -p "$to" && cp -r "$FROM"/. "$to"',
    'elif [ -e "$FROM" ]; then mkdir -p "$to" && cp "$FROM" "$to"',
    'else [ "$MISSING" = ignore ]; fi',
  ),
  "actions/download-artifact": steps(
    'mkdir -p "$FROM" && for each in "$ARTEFACTS"/${PATTERN:-$NAME}; do [ -d "$each" ] && cp -r "$each"/. "$FROM"; done; true',
  ),
};

function steps(...script: string[]): string {
  const inputs = ["name", "path", "pattern", "if-no-files-found", "node-version"];
  return [
    "name: stand-in",
    "inputs:",
    ...inputs.map((input) => `  ${input}: { default: "" }`),
    "runs:",
    "  using: composite",
    "  steps:",
    "    - shell: bash",
    "      env:",
    "        NAME: ${{ inputs.name }}",
    "        FROM: ${{ inputs.path }}",
    "        PATTERN: ${{ inputs.pattern }}",
    "        MISSING: ${{ inputs.if-no-files-found }}",
    "        VERSION: ${{ inputs.node-version }}",
    `      run: ${JSON.stringify(script.join("\n"))}`,
    "",
  ].join("\n");
}

interface Circumstances {
  /** The one job of a matrix, as `stack:prod`: the jobs share the checkout. */
  matrix?: string;
  /** Whether the repository has the machines of the platform. */
  hasRunners?: boolean;
  /** A shell script that runs before the first step of a job: what happens while it waits for an approval. */
  before?: { job: string; script: string };
}

export class Act {
  private readonly folder = mkdtempSync(join(tmpdir(), "learning-platform-act-"));
  private runs = 0;
  /** Where the artefacts of runs are, a folder each. */
  public readonly artefacts = join(this.folder, "artefacts");

  /**
   * @param binary act itself
   * @param checkout where the steps run
   * @param variables of every step
   */
  constructor(
    private readonly binary: string,
    private readonly checkout: string,
    private readonly variables: Record<string, string>,
  ) {
    mkdirSync(this.artefacts);
    for (const [name, text] of Object.entries(STAND_INS)) {
      mkdirSync(join(this.folder, name), { recursive: true });
      writeFileSync(join(this.folder, name, "action.yml"), text);
    }
  }

  /**
   * Runs one workflow for an event, as GitHub does for the event's payload. Several may run at the same time.
   */
  public run(
    workflow: string,
    event: string,
    payload: unknown,
    { matrix, hasRunners = true, before }: Circumstances = {},
  ): Promise<Result> {
    const file = join(this.checkout, ".github", "workflows", `${workflow}.yml`);
    const { jobs } = parse(readFileSync(file, "utf8")) as Workflow;
    const all = Object.values(jobs);
    const actions = new Set(
      all.flatMap(({ steps: each }) => each.flatMap(({ uses }) => uses ?? [])),
    );
    const eventFile = join(this.folder, `event-${++this.runs}.json`);
    writeFileSync(eventFile, JSON.stringify(payload));
    const variables: Record<string, string> = {
      ...this.variables,
      ...{ ARTEFACTS: this.artefacts, CHECKOUT: this.checkout },
      ...(before && { BEFORE_JOB: before.job, BEFORE_SCRIPT: before.script }),
    };
    const args = [
      ...[event, "--workflows", file, "--eventpath", eventFile, "--directory", this.checkout],
      // Without --bind, act fills the folder of each job with a copy of its own.
      ...["--bind", "--no-skip-checkout", "--action-offline-mode", "--no-cache-server"],
      ...(matrix === undefined ? [] : ["--matrix", matrix]),
      ...["ubuntu-latest", "self-hosted"].flatMap((label) => ["-P", `${label}=-self-hosted`]),
      ...(hasRunners ? ["--var", "PLATFORM_RUNNERS=true"] : []),
      ...["--secret", `GITHUB_TOKEN=${variables.GITHUB_TOKEN ?? ""}`],
      ...Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
      ...[...actions].flatMap((uses) => [
        "--local-repository",
        `${uses}=${join(this.folder, uses.split("@")[0])}`,
      ]),
    ];
    return run(this.binary, args, {
      cwd: this.checkout,
      env: {
        ...withoutStacksOfOthers(),
        XDG_CACHE_HOME: this.folder,
        XDG_CONFIG_HOME: this.folder,
      },
    });
  }

  /** The files of an artefact by name. */
  public artefact(name: string): Record<string, string> {
    const folder = join(this.artefacts, name);
    return Object.fromEntries(
      readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]),
    );
  }

  /** What a run left is gone when the next one starts. */
  public dropArtefacts(): void {
    rmSync(this.artefacts, { recursive: true });
    mkdirSync(this.artefacts);
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** act, where it is or can be installed; says why not, where it cannot. */
export function findAct(): string | undefined {
  const tool = ensureTool(ACT);
  if ("path" in tool) {
    return tool.path;
  }
  process.stdout.write(`act cannot be installed: ${tool.missing}\n`);
  return undefined;
}

/** Commits all files of a folder, which becomes a repository if it is none: act and the reports name the commit. */
export async function commitAll(folder: string): Promise<string> {
  const git = async (...args: string[]) => {
    const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    return succeeded(await run("git", [...author, ...args], { cwd: folder })).stdout.trim();
  };
  await git("init", "--quiet", "--initial-branch", "main");
  await git("add", "--all");
  await git("commit", "--quiet", "--allow-empty", "--message", "all");
  return git("rev-parse", "HEAD");
}

/** What the steps of a job printed. */
export function printedBy(job: string, { stdout }: Result): string {
  const start = new RegExp(`^\\[[^\\]]*/${job} *\\] +\\| `);
  const lines = stdout.split("\n").filter((line) => start.test(line));
  return lines.map((line) => line.replace(start, "")).join("\n");
}

export function succeeded(result: Result): Result {
  const { code, stdout, stderr } = result;
  assert.strictEqual(code, 0, `${stdout}\n${stderr}`);
  return result;
}
