/** Scripts that do on servers of Docker Compose what the stack does: databases, topics, users and rights. */
import { spawn } from "node:child_process";
import { join } from "node:path";

import { ROOT } from "../../cli/paths";
import type { Outputs } from "../../contract/outputs";
import { type Recipe, recipeOf } from "./containers";
import { brokerFacts, databaseScripts, redisCommands } from "./facts";
import { findConfluentKafka } from "./tools";

type Administrators = Outputs["administrators"];

/** Runs a command with a text as its input. @throws Error with what it printed */
function feed(command: string, args: string[], input: string, env = process.env): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let printed = "";
    child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
    child.stderr.on("data", (text: Buffer) => (printed += text.toString()));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(printed)
        : reject(new Error(`${command} ${args[1]}: ${printed.slice(-500)}`)),
    );
    child.stdin.end(input);
  });
}

/** Everything that the stack makes on its servers, on all of them side by side. */
export async function runScripts(recipes: Recipe[], outputs: Outputs): Promise<void> {
  const { administrators, accessPoints } = outputs;
  await Promise.all([
    fillPostgres(recipes),
    fillBroker(administrators, accessPoints.kafka!.address),
    fillRedis(recipes, administrators),
  ]);
}

async function fillPostgres(recipes: Recipe[]): Promise<void> {
  const { name } = recipeOf(recipes, "postgres");
  const psql =
    'PGPASSWORD="$(cat /etc/platform/postgres-password)" exec psql -q -h 127.0.0.1 -U postgres -v ON_ERROR_STOP=1 -d postgres';
  const closed = ["postgres", "template1"].map(
    (own) => `revoke all on database ${own} from public;`,
  );
  const scripts = [closed.join("\n"), ...databaseScripts(ROOT)];
  await Promise.all(
    scripts.map((script) => feed("docker", ["exec", "-i", name, "sh", "-c", psql], script)),
  );
}

async function fillBroker(administrators: Administrators, server: string): Promise<void> {
  const facts = { server, ...administrators.kafka, ...brokerFacts() };
  const env = { ...process.env, PYTHONPATH: await findConfluentKafka() };
  await feed("python3", [join(ROOT, "bench/baseline/kafka.py")], JSON.stringify(facts), env);
}

async function fillRedis(recipes: Recipe[], administrators: Administrators): Promise<void> {
  const servers = [
    ["redis", "cache", administrators.redis],
    ["redis-session", "session", administrators.redisSession],
  ] as const;
  await Promise.all(
    servers.map(([role, instance, { username, password }]) => {
      const lines = [...redisCommands(instance), ["ACL", "SAVE"]].map((words) => words.join(" "));
      const cli = ["redis-cli", "--no-auth-warning", "--user", username, "--pass", password];
      const { name } = recipeOf(recipes, role);
      return feed("docker", ["exec", "-i", name, ...cli], lines.join("\n"));
    }),
  );
}
