import { run } from "../machine/run";

/** What the working tree is at. */
export interface Commit {
  /** The whole hash. */
  hash: string;
  /** Whether tracked files differ from it. */
  isEdited: boolean;
}

/** A run that was stopped is reported, too. */
const ALWAYS = { stopBy: "none" } as const;

/** @returns undefined outside of a git checkout */
export async function readCommit(): Promise<Commit | undefined> {
  const [head, status] = await Promise.all([
    run("git", ["rev-parse", "HEAD"], ALWAYS),
    run("git", ["status", "--porcelain", "--untracked-files=no"], ALWAYS),
  ]);
  return head.code === 0
    ? { hash: head.stdout.trim(), isEdited: status.stdout.trim() !== "" }
    : undefined;
}
