import { KafkaLoginError } from "../../components/kafka/kafka-client";
import { MigrationRoleError } from "../../migrator";
import { type Finding, unknown, wrong } from "./finding";

/** States of SQL (postgresql.org/docs/16/errcodes-appendix.html); Node's codes of errors begin with E. */
const SQL_STATE = /^(\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/;
/** Their classes for what passes: a lost connection, a conflict, too few resources, a lock, an operator's stop. */
const PASSING = /^(08|40|53|55|57)/;
const REDIS_REFUSALS = /^(WRONGPASS|NOAUTH|NOPERM|READONLY|OOM)\b/;
/** Node's codes of certificates that clients would not accept. */
const CERTIFICATE_REFUSALS = /^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_CERT)/;

/** Whether a server answered, and refused what it must not refuse. */
export function isRefusal(error: Error & { code?: string }): boolean {
  const { code = "", message } = error;
  return (
    error instanceof KafkaLoginError ||
    error instanceof MigrationRoleError ||
    (SQL_STATE.test(code) && !PASSING.test(code)) ||
    REDIS_REFUSALS.test(message) ||
    CERTIFICATE_REFUSALS.test(code)
  );
}

/** A check that failed: the server refuses, or nothing is known. */
export const failed = (what: string, error: Error & { code?: string }): Finding =>
  (isRefusal(error) ? wrong : unknown)(what, messageOf(error));

/** Node's errors of a name with two addresses have no message of their own. */
function messageOf(error: Error & { code?: string }): string {
  const inner = error instanceof AggregateError ? (error.errors as Error[])[0] : undefined;
  return (error.message || inner?.message || error.code) ?? error.name;
}
