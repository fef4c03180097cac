/** Tools that the benchmarks compare with, fetched once into a folder outside of the checkout. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
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
  const env = { ...process.env, CGO_ENABLED: "0", GOTOOLCHAIN: "local" };
  const source = mkdtempSync(join(tmpdir(), "learning-platform-compose-"));
  try {
    const module = `github.com/docker/compose/v2@v${COMPOSE_VERSION}`;
    const { Dir } = JSON.parse(await must("go", ["mod", "download", "-json", module], { env })) as {
      Dir: string;
    };
    // It is built as the main module, whose replacements count; Go's own copy cannot be written.
    await must("cp", ["-r", "--no-preserve=mode", `${Dir}/.`, source]);
    const flags = ["-trimpath", "-ldflags", `-s -w`, "-o", `${binary}.part`];
    await must("go", ["build", ...flags, "./cmd"], { cwd: source, env });
    renameSync(`${binary}.part`, binary);
    return binary;
  } catch (error) {
    console.log(`Compose could not be built: ${(error as Error).message}`);
    return undefined;
  } finally {
    rmSync(source, { recursive: true });
  }
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
