/** One line that a container logged. */
export interface LogLine {
  role: string;
  /** RFC 3339 with nanoseconds, as Docker prints it. */
  time: string;
  text: string;
}

/** A line of `docker logs --timestamps`; undefined where it is none, as docker's own messages. */
export function parseLine(role: string, line: string): LogLine | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\S+Z) ?(.*)$/s.exec(line);
  return match ? { role, time: match[1], text: match[2] } : undefined;
}

/** Lines of several containers in order of time; those of one container stay in their order. */
export const mergeByTime = (lines: LogLine[]): LogLine[] =>
  lines.toSorted((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));

/** `redis-session | text` */
export const prefixed = (role: string, text: string, width: number): string =>
  `${role.padEnd(width)} | ${text}`;
