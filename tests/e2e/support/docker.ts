import assert from "node:assert/strict";

import { run } from "../../../cli/machine/run";

/** Runs docker and returns its output; throws if it fails. */
export async function docker(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("docker", args);
  assert.equal(code, 0, `docker ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** Name of a container's network. */
export const networkOf = (container: string) =>
  docker(
    "inspect",
    "--format",
    "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}",
    container,
  );

/**
 * Names of the containers, volumes or networks that start with the prefix.
 * @param stack leaves out other stacks, whose names may start the same
 */
export async function named(
  kind: "container" | "volume" | "network",
  prefix: string,
  stack?: string,
): Promise<string[]> {
  const format = kind === "container" ? "{{.Names}}" : "{{.Name}}";
  const all = kind === "container" ? ["ps", "-a"] : [kind, "ls"];
  const filter = stack === undefined ? [] : ["--filter", `label=learning-platform.stack=${stack}`];
  const names = (await docker(...all, ...filter, "--format", format)).split("\n");
  return names.filter((name) => name.startsWith(prefix)).sort();
}

/** Ports that processes of a container open beyond the loopback address. */
export async function openPorts(container: string): Promise<number[]> {
  const sockets = await docker("exec", container, "cat", "/proc/net/tcp", "/proc/net/tcp6");
  const ports = sockets.split("\n").flatMap((line) => {
    // Address and port in hexadecimal, the address backwards. 0A is a listening socket.
    const [, local = "", , state] = line.trim().split(/\s+/);
    const [address, port] = local.split(":");
    const isLoopback = address.endsWith("7F") || /^0+10{6}$/.test(address);
    return state === "0A" && !isLoopback ? [parseInt(port, 16)] : [];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}
