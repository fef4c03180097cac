/**
 * Types of columns, as the modules of the databases use them, and how pg returns them. Each is a string with everything
 * that PostgreSQL keeps; JavaScript's own number and Date would lose digits.
 */
import { types } from "pg";

/** For example "6f2c1d0e-8f0b-4a57-9d43-3a0c5b1c7e11". */
export type Uuid = string;

/** A number with a fixed number of decimals, for example "12.50". Calculate with a decimal library. */
export type Numeric = string;

/** A whole number of 64 bits. `BigInt(value)` is exact. */
export type Bigint = string;

/** An instant in ISO 8601, in UTC with up to six decimals of a second: "2026-11-27T03:53:50.123456Z". */
export type Timestamp = string;

/** A day without a time zone, for example "2026-11-27". */
export type CalendarDate = string;

/** An IP address, for example "192.0.2.1" or "2001:db8::1". */
export type Inet = string;

/** A text search vector, for example "'fraction':1A". */
export type Tsvector = string;

/**
 * What an insert takes.
 * @typeParam Optional columns that it may leave out: they have a default, may be null, or a trigger fills them in
 * @typeParam Never columns that it may not name: the database computes them
 */
export type Insert<Row, Optional extends keyof Row, Never extends keyof Row = never> = Omit<
  Row,
  Optional | Never
> &
  Partial<Pick<Row, Exclude<Optional, Never>>>;

/**
 * What an update takes.
 * @typeParam Fixed columns that it may not name: the primary key, and those that a trigger writes
 */
export type Update<New, Fixed extends keyof New = never> = Partial<Omit<New, Fixed>>;

const PARSERS = new Map<number, (text: string) => string>([
  [types.builtins.TIMESTAMPTZ, toTimestamp],
  [types.builtins.DATE, (text) => text],
]);

/**
 * Makes pg return rows as their types here say: `new Pool({ ...settings, types: rowTypes })`. Without it, pg returns
 * timestamps without their microseconds, and dates at midnight of the machine's time zone.
 */
export const rowTypes: Pick<typeof types, "getTypeParser"> = {
  getTypeParser: ((oid: number, format?: "text") =>
    PARSERS.get(oid) ?? types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

/**
 * An instant as PostgreSQL prints it, for example "2026-11-27 00:23:50.1234-03:30", in the form of java.time.Instant,
 * which has three decimals or six: "2026-11-27T03:53:50.123400Z". Leaves what has no such form, as "infinity".
 */
export function toTimestamp(text: string): string {
  const [, day, time, fraction = "", sign, hours, minutes = "0", seconds = "0"] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/.exec(
      text,
    ) ?? [];
  if (day === undefined) {
    return text;
  }
  const offset = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  const local = Date.parse(`${day}T${time}Z`);
  const utc = new Date(sign === "+" ? local - offset : local + offset).toISOString();
  const decimals = fraction.padEnd(Math.ceil(fraction.length / 3) * 3, "0");
  return utc.replace(/\.000Z$/, decimals === "" ? "Z" : `.${decimals}Z`);
}
