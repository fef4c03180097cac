import assert from "node:assert/strict";
import { execFile } from "node:child_process";

import type { Command } from "commander";

import { createCommandLine } from "../../../cli/command-table";
import { completionsOf } from "../../../cli/completion/words";
import { ROOT } from "../../../cli/paths";
import { scripts } from "../../../package.json";

/** Every command that does something, with the words that lead to it. */
function leaves(command: Command, path: string[] = []): [path: string, command: Command][] {
  return command.commands.flatMap((each) => {
    const words = [...path, each.name()];
    return each.commands.length > 0 ? leaves(each, words) : [[words.join(" "), each]];
  });
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
  return text;
}

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a command of the cli as its npm script does, with no stack anywhere. */
const runs = (args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, PULUMI_STACK: undefined, PULUMI_BACKEND_URL: undefined };
    const command = ["cli/bootstrap.js", "cli/main.ts", ...args];
    execFile(process.execPath, command, { cwd: ROOT, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

const NOWHERE = ["--stack", "no-such-stack"];

const MISTAKES: [args: string[], message: RegExp][] = [
  [["sttaus"], /unknown command 'sttaus'.*Did you mean status/s],
  [["up", "--plan", "no-such-file.json"], /no-such-file\.json/],
  [["up", "--stack", "../x"], /Expected 1 to 100 letters/],
  [["preview", "--offline", "perhaps"], /Allowed choices are auto, always, never/],
  [["preview", "extra"], /too many arguments/],
  [["down", ...NOWHERE], /There is no stack no-such-stack/],
  [["comment"], /required option '--report/],
  [["comment", "--report", "no-such-file.md", "--pull-request", "x"], /number of a pull request/],
  [["environment", "up"], /required option '--pull-request/],
  [["post-reports"], /required option '--reports/],
  [["recover", "--to", "yesterday"], /Expected a time with its zone/],
  [["recover", "--to", "latest", "--undo"], /cannot be used with/],
  [["upgrade", "--postgres", "postgres:17", "--back"], /cannot be used with/],
  [["upgrade", "--back", ...NOWHERE], /There is no stack no-such-stack/],
  [["recover", "--list", ...NOWHERE], /There is no stack no-such-stack/],
  [["backup", ...NOWHERE], /There is no stack no-such-stack/],
  [["restore"], /Give --identity FILE/],
  [["restore", "--identity", "no-such.key"], /The identity cannot be read.*no-such\.key/],
  [["restore", "--service", "nobody"], /Allowed choices are user-service/],
  [["restore", "--drop-old", ...NOWHERE], /There is no stack no-such-stack/],
  [["promote"], /missing required argument 'replica'/],
  [["promote", "postgres-replica-1", ...NOWHERE], /There is no stack no-such-stack/],
  [["rotate"], /missing required argument 'user'/],
  [["rotate", "nobody"], /It is one of user-service/],
  [["migrations", "status", "nowhere_db", ...NOWHERE], /There is no stack no-such-stack/],
  [["migrations", "baseline"], /missing required argument 'database'/],
  [["migrations", "repair", "nowhere_db", ...NOWHERE], /There is no stack no-such-stack/],
  [["migration", "nowhere_db", "add_x"], /nowhere_db/],
  [["sweep", "--open", "seven"], /Expected numbers of pull requests/],
  [["setup", "extra"], /too many arguments/],
  [["lint-migrations", "extra"], /too many arguments/],
  [["lint-schemas", "extra"], /too many arguments/],
  [["env"], /missing required argument 'service'/],
  [["env", "nobody"], /Allowed choices are user-service/],
  [["env", "user-service", "--format", "xml"], /Allowed choices are dotenv, json/],
  [["env", "user-service", "--network", "moon"], /Allowed choices are host, containers/],
  [["env", "user-service", ...NOWHERE], /There is no stack no-such-stack/],
  [["status", "dev"], /too many arguments/],
  [["doctor", "--fxi"], /unknown option '--fxi'.*--fix/s],
  [["logs", "--tail", "-1"], /Expected a number of lines, or all/],
  [["psql"], /missing required argument 'database'/],
  [["psql", "user_service_db", "--as", "root"], /Allowed choices are readonly, app/],
  [["psql", "user_service_db", ...NOWHERE], /There is no stack no-such-stack/],
  [["failover", "cache"], /Allowed choices are sessions/],
  [["redis", "both"], /Allowed choices are cache, session/],
  [["redis", "session", "--as", "payment-service"], /payment-service has no login to Redis/],
  [["topic", "read"], /unknown command 'read'/],
  [["topic", "tail"], /missing required argument 'topic'/],
  [["topic", "tail", "x", "--tail", "many"], /Expected a number of messages/],
  [["topic", "produce", "x", "y", "--header", "z"], /Expected name=value/],
  [["topic", "list", ...NOWHERE], /There is no stack no-such-stack/],
  [["verify", "extra"], /too many arguments/],
  [["completion", "tcsh"], /Allowed choices are bash/],
];

describe("the command line", () => {
  const commandLine = createCommandLine();
  const words = new Map(
    completionsOf(commandLine, {}).map((each) => [
      each.path,
      [...each.words, ...Object.keys(each.values)],
    ]),
  );

  for (const [path, command] of leaves(commandLine)) {
    it(`shows an example of ${path}, with options that it has`, () => {
      const lines = helpOf(command)
        .split(/Examples?:\n/)[1]
        ?.split("\n")
        .filter((line) => line.includes("npm run"));
      assert.ok(lines?.length, "no example");
      for (const line of lines.filter((each) => !each.includes("npm run lint"))) {
        const [, script, rest = ""] = /npm run (?:-s )?(\S+?)(?:\)"| -- (.*)|$)/.exec(line)!;
        assert.ok(script in scripts, `${script} is a script`);
        const [own] = rest.split(" -- ");
        assert.ok(`${script} ${own}`.startsWith(path.replace("new-", "")), line);
        const options = own.match(/(?<=^| )--?[a-z][a-z-]*/g) ?? [];
        options.forEach((option) =>
          assert.ok(words.get(path)?.includes(option), `${option} in: ${line}`),
        );
      }
    });
  }

  it("has a mistake below for every command", () => {
    const covered = new Set(MISTAKES.map(([args]) => args[0]));
    const missing = commandLine.commands
      .map((each) => each.name())
      .filter((name) => !covered.has(name));
    assert.deepEqual(missing, []);
  });

  it("answers each mistake with exit code 1 and what is wrong, and with no stack trace", async function () {
    this.timeout(120_000);
    const left = [...MISTAKES];
    const worker = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [args, message] = next;
        const { code, stdout, stderr } = await runs(args);
        const title = `${args.join(" ")}: ${stderr}`;
        assert.equal(code, 1, title);
        assert.match(stderr, message, title);
        assert.doesNotMatch(stderr, /^ +at /m, title);
        assert.equal(stdout, "", title);
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  });
});
