import { execFile, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

/** Whether Maven answers. Maven needs a JDK. Pulled images contain neither. */
export const hasJdk = () => spawnSync("mvn", ["--version"]).status === 0;

/** What a test without a JDK says. */
export const NO_JDK = "    skipped: needs Maven and a JDK 17 on the PATH\n";

/**
 * Builds a Maven project, and notes its libraries for `runMain`.
 * @param goal the phase of Maven that compiles what runs: "compile" or "test-compile"
 */
export async function build(project: string, goal: string): Promise<void> {
  const goals = [goal, "dependency:build-classpath", "-Dmdep.outputFile=target/classpath"];
  await promisify(execFile)("mvn", ["--quiet", "--batch-mode", ...goals], { cwd: project });
}

/**
 * Runs a class of a project that was built.
 * @param classes folders in target/
 * @param input written to its standard input as JSON
 * @returns what it prints: its answer, and its complaints on the standard error output
 */
export async function runMain(
  project: string,
  classes: string[],
  main: string,
  input: unknown,
  options: string[] = [],
): Promise<{ answer: string; complaints: string }> {
  const target = path.join(project, "target");
  const libraries = readFileSync(path.join(target, "classpath"), "utf8").trim();
  const classpath = [...classes.map((folder) => path.join(target, folder)), libraries];
  const settings = ["-XX:TieredStopAtLevel=1", ...options, "-cp", classpath.join(path.delimiter)];
  const child = spawn("java", [...settings, main], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify(input));
  const [answer, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { answer, complaints };
}
