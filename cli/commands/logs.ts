import { Command, InvalidArgumentError, Option } from "commander";

import { FaultError, throwIfAny } from "../fault";
import { mergeByTime, prefixed } from "../logs/lines";
import { followLogs, type LogSource, readLogs } from "../logs/read";
import { dockerAnswers } from "../machine/docker";
import { examples, stackOption } from "../options";
import { stackContainers } from "../stack/containers";

interface LogsOptions {
  stack: string;
  follow?: boolean;
  since?: string;
  tail: string;
}

export const logs = new Command("logs")
  .description("show what the stack's containers log, several of them in order of time")
  .argument("[names...]", "containers, such as redis-session; by default all")
  .addOption(stackOption())
  .option("-f, --follow", "go on until Ctrl-C")
  .option("--since <time>", "only what is younger, such as 10m, 2h or 2026-11-27T08:00:00Z")
  .addOption(
    new Option("--tail <lines>", "at most so many last lines of each container, or all")
      .argParser(parseTail)
      .default("100"),
  )
  .addHelpText(
    "after",
    examples("npm run logs -- postgres --since 10m", "npm run logs -- --follow --tail 0"),
  )
  .action(showLogs);

function parseTail(text: string): string {
  if (!/^(all|\d{1,9})$/.test(text)) {
    throw new InvalidArgumentError("Expected a number of lines, or all.");
  }
  return text;
}

async function showLogs(names: string[], { stack, follow, since, tail }: LogsOptions) {
  if (!(await dockerAnswers())) {
    throw new FaultError(["No Docker Engine answers. npm run doctor says what to do."]);
  }
  const sources = chosen(names, await stackContainers(stack), stack);
  const options = { tail, ...(since === undefined ? {} : { since }) };
  const width = Math.max(...sources.map(({ role }) => role.length));
  const show = (role: string, text: string) =>
    console.log(sources.length > 1 ? prefixed(role, text, width) : text);
  if (follow) {
    process.exitCode = await followLogs(sources, options, show);
    return;
  }
  const found = await Promise.all(sources.map((source) => readLogs(source, options)));
  throwIfAny(found.flatMap(({ fault }) => fault ?? []));
  mergeByTime(found.flatMap(({ lines }) => lines)).forEach(({ role, text }) => show(role, text));
}

/** @throws FaultError with the names of the stack's containers */
export function chosen(names: string[], containers: LogSource[], stack: string): LogSource[] {
  if (containers.length === 0) {
    throw new FaultError([`Stack ${stack} has no containers. npm run status says what it has.`]);
  }
  const known = containers.map(({ role }) => role).join(", ");
  const unknown = names.filter(
    (name) => !containers.some((container) => [container.role, container.name].includes(name)),
  );
  throwIfAny(unknown.map((name) => `Stack ${stack} has no container ${name}. It has: ${known}.`));
  return containers.filter(
    ({ role, name }) => names.length === 0 || names.includes(role) || names.includes(name),
  );
}
