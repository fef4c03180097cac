/** Scripts that do what the stack does on its servers, once these are up: databases, topics, users and rights. */
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";

import { REDIS_INSTANCES, type RedisInstanceName } from "../../catalog/services";
import { ROOT } from "../../cli/paths";
import type { Outputs } from "../../tests/e2e/support/clients";
import { CACHE, feed, must } from "../tools";
import { type Recipe, recipeFor } from "./containers";
import { brokerFacts, databaseScripts, redisCommands } from "./facts";
import type { Target } from "./target";

type Administrators = Outputs["administrators"];

/** KafkaJS cannot create users (tulios/kafkajs issue 1164), so the broker's client is Python's of librdkafka. */
const CONFLUENT_KAFKA = "confluent-kafka==2.11.1";
const PYTHON_FOLDER = join(CACHE, CONFLUENT_KAFKA.replace("==", "-"));

/**
 * Fetches what the scripts need, unless the cache has it.
 * @throws Error with the reason where pip cannot fetch it
 */
export async function prepareScripts(): Promise<void> {
  if (!existsSync(PYTHON_FOLDER)) {
    const part = `${PYTHON_FOLDER}.part`;
    const flags = ["--quiet", "--root-user-action=ignore", "--disable-pip-version-check"];
    await must("python3", ["-m", "pip", "install", ...flags, "--target", part, CONFLUENT_KAFKA]);
    renameSync(part, PYTHON_FOLDER);
  }
}

/** Does the work of the stack on servers that have nothing yet, on all of them side by side. */
export async function runScripts({ recipes, outputs, topics }: Target): Promise<void> {
  const { administrators, accessPoints } = outputs;
  const broker = { server: accessPoints.kafka.address, ...administrators.kafka };
  await Promise.all([
    fillPostgres(recipes),
    fillBroker({ ...broker, ...brokerFacts(topics) }),
    ...REDIS_INSTANCES.map((instance) => fillRedis(recipes, instance, administrators)),
  ]);
}

async function fillPostgres(recipes: Recipe[]): Promise<void> {
  const { name } = recipeFor(recipes, "postgres");
  const psql =
    'PGPASSWORD="$(cat /etc/platform/postgres-password)" exec psql -q -h 127.0.0.1 -U postgres -v ON_ERROR_STOP=1 -d postgres';
  const closed = ["postgres", "template1"].map(
    (database) => `revoke all on database ${database} from public;`,
  );
  const scripts = [closed.join("\n"), ...databaseScripts(ROOT)];
  await Promise.all(
    scripts.map((script) => feed("docker", ["exec", "-i", name, "sh", "-c", psql], script)),
  );
}

async function fillBroker(facts: object): Promise<void> {
  const env = { ...process.env, PYTHONPATH: PYTHON_FOLDER };
  await feed("python3", [join(__dirname, "kafka.py")], JSON.stringify(facts), env);
}

async function fillRedis(
  recipes: Recipe[],
  instance: RedisInstanceName,
  administrators: Administrators,
): Promise<void> {
  const [role, { username, password }] = (
    {
      cache: ["redis", administrators.redis!],
      session: ["redis-session", administrators.redisSession!],
    } as const
  )[instance];
  const { name } = recipeFor(recipes, role);
  const login = ["--no-auth-warning", "--user", username, "--pass", password];
  const lines = redisCommands(instance).map((words) => words.join(" "));
  await feed("docker", ["exec", "-i", name, "redis-cli", ...login], lines.join("\n"));
}
