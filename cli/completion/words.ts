import type { Command } from "commander";

/** What may follow in a command line. */
export interface Completions {
  /** The command with its subcommands: `topic tail`. */
  path: string;
  /** Names of its subcommands, choices of its arguments, and its options. */
  words: string[];
  /** What may follow an option, by its name; nothing for free text and files. */
  values: Record<string, string[]>;
}

/**
 * Everything that can be completed without asking a stack.
 * @param known words by the name of an argument that has no choices of its own, such as `topic`
 */
export const completionsOf = (
  program: Command,
  known: Readonly<Record<string, readonly string[]>>,
): Completions[] => program.commands.flatMap((command) => ofCommand(command, [], known));

function ofCommand(
  command: Command,
  before: string[],
  known: Readonly<Record<string, readonly string[]>>,
): Completions[] {
  const path = [...before, command.name()];
  const options = command.options.flatMap(({ short, long, required, argChoices }) => ({
    names: [short, long].filter((name) => name !== undefined),
    takesValue: required,
    choices: argChoices ?? [],
  }));
  const words = [
    ...command.commands.map((subcommand) => subcommand.name()),
    ...command.registeredArguments.flatMap(
      (argument) => argument.argChoices ?? known[argument.name()] ?? [],
    ),
    ...options.flatMap(({ names }) => names.at(-1) ?? []),
    "--help",
  ];
  const values = options
    .filter(({ takesValue }) => takesValue)
    .flatMap(({ names, choices }) => names.map((name) => [name, choices] as const));
  return [
    { path: path.join(" "), words, values: Object.fromEntries(values) },
    ...command.commands.flatMap((subcommand) => ofCommand(subcommand, path, known)),
  ];
}
