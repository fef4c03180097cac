/** Tools that the benchmarks compare with, fetched once into a folder outside of the checkout. */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { lastLines, run, type RunOptions } from "../../cli/machine/run";

export const CACHE = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "learning-platform",
  "bench",
);

export const COMPOSE_VERSION = "2.40.3";
const CONFLUENT_KAFKA_VERSION = "2.11.1";

/** Runs a command that must succeed. @returns what it printed */
export async function must(command: string, args: string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) {
    throw new Error(`${command} ${args.slice(0, 3).join(" ")}: ${lastLines(stderr, 10)}`);
  }
  return stdout.trim();
}

/**
 * Docker Compose, built from its Go module.
 * @returns path of the binary; undefined where it cannot be built, with the reason on the console
 */
export async function findCompose(): Promise<string | undefined> {
  const binary = join(CACHE, `docker-compose-${COMPOSE_VERSION}`);
  if (existsSync(binary)) {
    return binary;
  }
  mkdirSync(CACHE, { recursive: true });
  console.log(`Building Docker Compose ${COMPOSE_VERSION} (about 90 s on 2 processors) ...`);
  const module = `github.com/docker/compose/v2/cmd@v${COMPOSE_VERSION}`;
  const env = { ...process.env, CGO_ENABLED: "0", GOBIN: join(CACHE, "bin"), GOTOOLCHAIN: "local" };
  const built = await run("go", ["install", "-trimpath", "-ldflags", "-s -w", module], { env });
  if (built.code !== 0) {
    console.log(
      `Compose could not be built, so the docker command takes its place: ${lastLines(built.stderr, 2)}`,
    );
    return undefined;
  }
  // Go names the binary after the module's last folder.
  renameSync(join(CACHE, "bin", "cmd"), binary);
  return binary;
}

/** Python's client of librdkafka: KafkaJS cannot create users. @returns a folder for PYTHONPATH */
export async function findConfluentKafka(): Promise<string> {
  const folder = join(CACHE, `confluent-kafka-${CONFLUENT_KAFKA_VERSION}`);
  if (!existsSync(folder)) {
    const part = `${folder}.part`;
    await must("python3", [
      ...["-m", "pip", "install", "--quiet", "--root-user-action=ignore"],
      ...["--target", part, `confluent-kafka==${CONFLUENT_KAFKA_VERSION}`],
    ]);
    renameSync(part, folder);
  }
  return folder;
}
