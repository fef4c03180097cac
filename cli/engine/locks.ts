/** A lock of the engine: the run that holds the stack. */
export interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/** The locks that a message of the engine names (pulumi 3.259.0 pkg/backend/diy/lock.go, `checkForLock`). */
export const locksIn = (message: string): Lock[] =>
  [...message.matchAll(/created by (.+)@(\S+) \(pid (\d+)\) at (\S+)/g)].map(
    ([, username, hostname, pid, timestamp]) => ({
      pid: Number(pid),
      username,
      hostname,
      timestamp,
    }),
  );

/**
 * Why a run on a stack that another one holds is refused.
 * @param stack `Stack dev`, as the sentence begins
 */
export const lockFault = (stack: string, { pid, username, hostname, timestamp }: Lock): string =>
  `${stack} is being changed by process ${pid} of ${username} on ${hostname}, since ${timestamp}. ` +
  "Wait until it ends. If it was killed, remove its lock: pulumi cancel with --stack, and with the exports of npm run setup.";
