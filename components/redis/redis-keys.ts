import type { Send } from "./redis-client";

/** Keys that one call of SCAN looks at. The server answers others between two calls. */
const BATCH = 1_000;

/**
 * Deletes the keys that begin with a text.
 * @param start not empty: every key begins with nothing
 * @returns false on a replica that has such keys: it follows the node that it is a replica of
 */
export async function deleteKeys(send: Send, start: string): Promise<boolean> {
  if (start === "") {
    throw new Error("refuses to delete every key: the start of their names is empty");
  }
  const pattern = `${start.replace(/[\\*?[\]]/g, "\\$&")}*`;
  let cursor = "0";
  do {
    const [next, keys] = (await send("SCAN", cursor, "MATCH", pattern, "COUNT", String(BATCH))) as [
      string,
      string[],
    ];
    // One by one, and all at once: in a cluster the keys of one command must share a slot.
    const deleted = await Promise.all(keys.map((key) => unlink(send, key)));
    if (deleted.includes(false)) {
      return false;
    }
    cursor = next;
  } while (cursor !== "0");
  return true;
}

/** @returns false on a replica, which in a cluster answers MOVED */
const unlink = (send: Send, key: string): Promise<boolean> =>
  send("UNLINK", key).then(
    () => true,
    (error: Error) => {
      if (/^(READONLY|MOVED)\b/.test(error.message)) {
        return false;
      }
      throw error;
    },
  );
