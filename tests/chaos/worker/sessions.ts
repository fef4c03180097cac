import type { Platform } from "../../../client/src";
import type { Acknowledged, Activity } from "./activity";

/** The data of a session: how often it was changed. */
export interface SessionData {
  version: number;
}

/** Sessions that a process changes and ends; older ones stay as they are. */
const MOST_KNOWN = 40;

/** Starts sessions, changes some, reads some and ends some. */
export function workWithSessions(platform: Platform, activity: Activity): void {
  const sessions = platform.sessions<SessionData>();
  const { ledger } = activity;
  const known = new Map<string, number>();
  let turn = 0;

  const start = async (): Promise<Acknowledged> => {
    const id = await sessions.create({ version: 0 });
    known.set(id, 0);
    if (known.size > MOST_KNOWN) {
      known.delete([...known.keys()][0]);
    }
    return { id, version: 0 };
  };
  const change = async (id: string): Promise<Acknowledged> => {
    const version = known.get(id)! + 1;
    known.set(id, version);
    await sessions.save(id, { version });
    return { id, version };
  };
  const end = async (id: string): Promise<Acknowledged> => {
    // Whether it is acknowledged or not: nobody changes it any more.
    known.delete(id);
    ledger.write({ act: "session", result: "try", id, version: -1 });
    await sessions.end(id);
    return { id, version: -1 };
  };
  const read = async (id: string): Promise<Acknowledged> => {
    // Whether it may be missing is said when all of them are compared.
    if ((await sessions.read(id)) === undefined) {
      throw new Error("a session that lives is not found");
    }
    return {};
  };

  const others = [change, read, change, end];
  activity.repeat("session", () => {
    turn += 1;
    const ids = [...known.keys()];
    const id = ids[turn % Math.max(1, ids.length)];
    return turn % 2 === 0 || id === undefined ? start() : others[(turn >> 1) % others.length](id);
  });
}
