import assert from "node:assert/strict";

import { run } from "../../../cli/run";

/** Runs docker and hands over what it printed; a failure is an error. */
export async function docker(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("docker", args);
  assert.equal(code, 0, `docker ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** Names of the containers, volumes or networks that begin with the prefix. */
export async function named(kind: "container" | "volume" | "network", prefix: string) {
  const format = kind === "container" ? "{{.Names}}" : "{{.Name}}";
  const all = kind === "container" ? ["ps", "-a"] : [kind, "ls"];
  const names = (await docker(...all, "--format", format)).split("\n");
  return names.filter((name) => name.startsWith(prefix)).sort();
}
