import type { Send } from "./redis-client";

/**
 * What a node answers that keeps its users elsewhere, or nowhere, or that lets nobody write its files:
 * - no file of users: "This Redis instance is not configured to use an ACL file..." (redis 7.0.15 and 7.4.1
 *   src/acl.c, aclCommand)
 * - started without a file of settings: "The server is running without a config file", or that file cannot be
 *   written: "Rewriting config file: ..." (src/config.c, configRewriteCommand)
 * - the command is not the administrator's, or not there: services that run Redis for others take it away
 *
 * A file of users that cannot be written is another answer ("There was an error trying to save the ACLs"). It is an
 * error: after a restart the server would have the users of an older file.
 */
const KEPT_NOWHERE =
  /not configured to use an ACL file|without a config file|^ERR Rewriting config file|^NOPERM|unknown (sub)?command/i;

/**
 * Makes a node keep its users over a restart: in its file of users, or else in its file of settings.
 * @returns false if it has neither
 */
export async function saveUsers(send: Send): Promise<boolean> {
  return (await isDone(send("ACL", "SAVE"))) || isDone(send("CONFIG", "REWRITE"));
}

const isDone = (answer: Promise<unknown>): Promise<boolean> =>
  answer.then(
    () => true,
    (error: Error) => {
      if (KEPT_NOWHERE.test(error.message)) {
        return false;
      }
      throw error;
    },
  );
