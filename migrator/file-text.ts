import { isUtf8 } from "node:buffer";

import type { Fault } from "./errors";
import { lineAndColumn, type Place } from "./position";
import {
  acceptsInvalidIndex,
  controlsTransaction,
  type LineComment,
  scan,
  type Statement,
} from "./scan";

/** The text of a migration file and its parts; the lists are empty if the text has a fault. */
export interface FileText {
  sql: string;
  statements: Statement[];
  comments: LineComment[];
  /** False if the file is marked `-- migrate: no-transaction`. */
  transactional: boolean;
}

const DIRECTIVE = /^\s*migrate:\s*(.*?)\s*$/;
const NO_TRANSACTION = "no-transaction";

/**
 * Reads and checks the text of one file.
 * @param isVersioned whether it may be marked `no-transaction`
 * @param refuse takes each fault; one of the file as a whole has no place
 */
export function readText(
  bytes: Buffer,
  isVersioned: boolean,
  refuse: (fault: Omit<Fault, "file">) => void,
): FileText {
  const sql = bytes.toString("utf8");
  const refuseAt = (index: number, message: string) =>
    refuse({ ...lineAndColumn(sql, index), message });
  const text: FileText = { sql, statements: [], comments: [], transactional: true };
  if (!isUtf8(bytes)) {
    const line = firstBadLine(bytes);
    refuse({ line, message: "is not UTF-8 on this line; save the file as UTF-8" });
    return text;
  }
  const faults = characterFaults(sql);
  faults.forEach(({ index, message }) => refuseAt(index, message));
  if (faults.length > 0) {
    return text;
  }

  const { statements, comments, faults: scanFaults } = scan(sql);
  const marked = readDirectives(comments, statements, isVersioned, refuseAt);
  for (const { index, problem, text: found } of scanFaults) {
    refuseAt(
      index,
      problem === "unterminated"
        ? `the ${found} that starts here is not closed`
        : `"${found}" is a psql command, which the server does not know; write it as SQL`,
    );
  }
  if (statements.length === 0 && scanFaults.length === 0) {
    refuse({ message: "has no statement; write one or remove the file" });
  }
  checkStatements(statements, marked, refuse, refuseAt);
  return { sql, statements, comments, transactional: !marked };
}

/** Line of the first byte that is not UTF-8. No multi-byte sequence holds the byte of a line feed. */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed === -1 ? bytes.length : feed;
    if (!isUtf8(bytes.subarray(start, end))) {
      break;
    }
    start = end + 1;
  }
  return line;
}

/** Characters that no file may contain, with the first place of each. */
const characterFaults = (sql: string): { index: number; message: string }[] =>
  [
    {
      index: sql.startsWith("\ufeff") ? 0 : -1,
      message: "begins with a byte order mark; save the file as UTF-8 without one",
    },
    {
      index: sql.indexOf("\0"),
      message: "contains a NUL character, which PostgreSQL does not accept; remove it",
    },
    {
      index: sql.indexOf("\r"),
      message:
        "contains a carriage return, so its hash would differ between machines; save it with LF line endings, and set `*.sql text eol=lf` in .gitattributes",
    },
  ].filter(({ index }) => index !== -1);

/** Returns whether the file is marked to run outside of a transaction. */
function readDirectives(
  comments: LineComment[],
  statements: Statement[],
  isVersioned: boolean,
  refuseAt: (index: number, message: string) => void,
): boolean {
  let marked = false;
  for (const { index, text } of comments) {
    const directive = DIRECTIVE.exec(text)?.[1];
    if (directive === undefined) {
      continue;
    }
    const refuse = (message: string) => refuseAt(index, `"migrate: ${directive}" ${message}`);
    if (directive !== NO_TRANSACTION) {
      refuse(`is unknown; the only directive is "migrate: ${NO_TRANSACTION}"`);
    } else if (!isVersioned) {
      refuse("is for versioned files only; a repeatable file always runs in a transaction");
    } else if (index > (statements[0]?.start ?? Infinity)) {
      refuse("must stand above the statement");
    } else {
      marked = true;
    }
  }
  return marked;
}

function checkStatements(
  statements: Statement[],
  marked: boolean,
  refuse: (fault: Partial<Place> & { message: string }) => void,
  refuseAt: (index: number, message: string) => void,
): void {
  for (const { start, kind } of statements.filter(controlsTransaction)) {
    const word = /^\w*/.exec(kind)?.[0].toUpperCase();
    refuseAt(
      start,
      `"${word}" controls a transaction; remove it, since each file already runs in its own transaction`,
    );
  }
  const [first] = statements;
  if (first && acceptsInvalidIndex(first)) {
    refuseAt(
      first.start,
      "would accept an invalid index that an interrupted build left; remove IF NOT EXISTS",
    );
  }
  if (marked && statements.length > 1) {
    refuse({
      message: `has ${statements.length} statements, but a file marked ${NO_TRANSACTION} must have exactly one; give each statement its own file`,
    });
  }
}
