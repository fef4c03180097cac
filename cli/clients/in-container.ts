import type { Program } from "../machine/interactive";

/**
 * A client that runs inside of a server's container. Secrets go by the name of their variable alone, so that no command
 * line holds them: docker takes the values from its own environment.
 */
export function inContainer(
  container: string,
  command: string[],
  secrets: Record<string, string>,
  isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY),
): Program {
  const variables = Object.keys(secrets).flatMap((name) => ["--env", name]);
  const terminal = isTerminal ? ["--interactive", "--tty"] : ["--interactive"];
  return {
    command: "docker",
    args: ["exec", ...terminal, ...variables, container, ...command],
    env: secrets,
  };
}
