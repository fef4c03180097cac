import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

export interface RunningRegistry {
  name: string;
  url: string;
  stop(): Promise<void>;
}

/** Whom the registries let in, where they let in anybody at all. */
export const LOGIN = { username: "platform-admin", password: "right" };

export async function stopped(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

export async function untilAnswers(url: string, seconds = 60): Promise<void> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) {
      return;
    }
    if (Date.now() > end) {
      throw new Error(`${url} does not answer.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
