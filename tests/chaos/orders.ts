/** What the process of a service is told, a line each; one that hears nothing more ends, so that none is left behind. */
export type Order =
  /** Begins no further act. What relays and reads goes on. */
  | "drain"
  /** Closes its connections, and ends. */
  | "stop";

/** What it answers when no act runs any more. */
export const DRAINED = "drained";
