/** Programs whose input or output is a stream of bytes, too large to be kept. */
import { type ChildProcess, spawn } from "node:child_process";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { FaultError } from "../fault";
import type { Program } from "./interactive";
import { lastLines } from "./run";
import { stopping, throwIfStopped } from "./stopping";

/**
 * What a program prints. It starts when somebody reads. The stream ends only where the program ended well; it fails with the
 * program's last lines otherwise, so that half of an output is never taken for all of it.
 */
export const outputOf = (program: Program): Readable =>
  Readable.from(chunksOf(program), { objectMode: false });

async function* chunksOf(program: Program): AsyncGenerator<Buffer> {
  const child = start(program);
  const end = ended(child, program);
  end.catch(() => undefined);
  child.stdin!.end();
  try {
    for await (const chunk of child.stdout!) {
      yield chunk as Buffer;
    }
    await end;
  } finally {
    // Nobody reads on.
    child.kill();
  }
}

/**
 * Runs a program with a stream as its input.
 * @throws FaultError with its last lines where it fails, or what the stream failed with
 */
export async function feed(program: Program, input: Readable): Promise<void> {
  const child = start(program);
  child.stdout!.resume();
  const end = ended(child, program);
  end.catch(() => undefined);
  try {
    await pipeline(input, child.stdin as Writable);
  } catch (error) {
    // A program that failed no longer reads: what it printed says why.
    if (!["EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes(codeOf(error))) {
      child.kill();
      await end.catch(() => undefined);
      throw error;
    }
  }
  await end;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";

function start({ command, args, env = {} }: Program): ChildProcess {
  throwIfStopped();
  return spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
}

function ended(child: ChildProcess, { command, args }: Program): Promise<void> {
  let printed = "";
  const stop = () => child.kill();
  stopping.addEventListener("abort", stop);
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stdin!.on("error", () => undefined);
  return new Promise<void>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        new FaultError([
          error.code === "ENOENT" ? `There is no program ${command} on the PATH.` : error.message,
        ]),
      ),
    );
    child.on("close", (code, signal) => {
      if (code === 0) {
        return resolve();
      }
      const tool = args.find((arg) => /^(pg_|psql|redis-)/.test(arg)) ?? command;
      const how = signal ? `was ended by ${signal}` : `failed (exit code ${code})`;
      reject(new FaultError([`${tool} ${how}: ${lastLines(printed)}`]));
    });
  }).finally(() => stopping.removeEventListener("abort", stop));
}
