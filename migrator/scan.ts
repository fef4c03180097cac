/** One statement of a SQL text. Offsets are UTF-16 indexes into the text. */
export interface Statement {
  /** Index of the first token, past leading blanks and comments. */
  start: number;
  /** From the first token to the last one, without the semicolon. */
  text: string;
  /** The first six tokens with blanks between them, unquoted words in lower case: `create unique index concurrently if not`. */
  kind: string;
}

/** A `--` comment outside of quotes and other comments. */
export interface LineComment {
  index: number;
  /** What follows the two dashes. */
  text: string;
}

/** A piece of text that the server would reject or misread. */
export interface ScanFault {
  index: number;
  problem: "unterminated" | "backslash";
  /** The kind of the unclosed piece, or the rest of the line from the backslash. */
  text: string;
}

export interface ScanResult {
  statements: Statement[];
  comments: LineComment[];
  faults: ScanFault[];
}

const HEAD_LENGTH = 6;
const BLANK = /[ \t\n\r\f\v]+/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const COMMENT_EDGE = /\/\*|\*\//g;
// Two literals with a line end between them are one literal, and the escapes of the first apply to the second:
// E'a' and, on the next line, 'b\'' are one string.
const CONTINUED = /(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

/**
 * Splits a text into statements the way PostgreSQL's own lexer does: nested comments, quoted names,
 * plain and E'' strings, dollar quotes, parentheses (a rule's actions) and `begin atomic` bodies hide
 * their semicolons. It does not check grammar; that is the server's task, whatever its version.
 *
 * Not libpg-query (looked at again in 16.7.3): it loads asynchronously, while the program reads its files
 * synchronously; it returns no comments, which hold directives and waivers; it refuses SQL of a newer server and a
 * string that continues after a comment; and 10,000 statements take 4 times as long and 77 MB (decision 0001).
 */
export function scan(sql: string): ScanResult {
  const result: ScanResult = { statements: [], comments: [], faults: [] };
  let statement: { start: number; end: number; head: string[] } | undefined;
  let parentheses = 0;
  let inAtomicBody = false;
  let previous = "";
  let at = 0;

  while (at < sql.length) {
    const start = at;
    const char = sql[at];
    if (match(BLANK) !== undefined) {
      continue;
    }
    if (sql.startsWith("--", at)) {
      at = endOr(sql.indexOf("\n", at));
      result.comments.push({ index: start, text: sql.slice(start + 2, at) });
    } else if (sql.startsWith("/*", at)) {
      skipBlockComment();
    } else if (char === ";" && parentheses === 0 && !inAtomicBody) {
      at += 1;
      endStatement();
    } else {
      takeToken();
    }
  }
  endStatement();
  return result;

  function endStatement() {
    if (statement !== undefined) {
      const { start, end, head } = statement;
      result.statements.push({ start, text: sql.slice(start, end), kind: head.join(" ") });
    }
    statement = undefined;
    previous = "";
  }

  function takeToken() {
    const start = at;
    const char = sql[at];
    if (char === "'") {
      at += 1;
      skipString(start, false);
    } else if (char === '"') {
      skipPast('"', at + 1, start, "quoted name");
    } else if (char === "\\") {
      at = endOr(sql.indexOf("\n", at));
      result.faults.push({ index: start, problem: "backslash", text: sql.slice(start, at).trim() });
      return;
    } else {
      const tag = char === "$" ? match(DOLLAR_TAG) : undefined;
      const word = tag === undefined ? match(WORD) : undefined;
      if (tag !== undefined) {
        skipPast(tag, at, start, `dollar quote ${tag}`);
      } else if (word !== undefined) {
        takeWord(word.toLowerCase(), start);
        return;
      } else {
        at += 1;
        parentheses = Math.max(0, parentheses + (char === "(" ? 1 : char === ")" ? -1 : 0));
      }
    }
    note(char ?? "", start);
  }

  function takeWord(word: string, start: number) {
    if (word === "e" && sql[at] === "'") {
      at += 1;
      skipString(start, true);
      note("'", start);
      return;
    }
    const before = previous;
    note(word, start);
    if (inAtomicBody) {
      // Each statement of the body ends with a semicolon. Any other `end` belongs to a case or is a name.
      inAtomicBody = word !== "end" || (before !== ";" && before !== "atomic");
    } else {
      inAtomicBody =
        word === "atomic" && before === "begin" && parentheses === 0 && createsRoutine();
    }
  }

  function createsRoutine(): boolean {
    const head = statement?.head ?? [];
    const kind = head[1] === "or" && head[2] === "replace" ? head[3] : head[1];
    return head[0] === "create" && (kind === "function" || kind === "procedure");
  }

  /** Expects `at` behind the token. */
  function note(token: string, start: number) {
    previous = token;
    statement ??= { start, end: at, head: [] };
    statement.end = at;
    if (statement.head.length < HEAD_LENGTH) {
      statement.head.push(token);
    }
  }

  /** Expects `at` behind the opening quote. */
  function skipString(start: number, escapes: boolean) {
    for (;;) {
      const close = escapes ? closingQuote(at) : sql.indexOf("'", at);
      if (close === -1) {
        unterminated(start, "string");
        return;
      }
      at = close + 1;
      if (match(CONTINUED) !== undefined) {
        continue;
      }
      if (sql[at] !== "'") {
        return;
      }
      at += 1;
    }
  }

  function closingQuote(from: number): number {
    let index = from;
    while (index < sql.length && sql[index] !== "'") {
      index += sql[index] === "\\" ? 2 : 1;
    }
    return index < sql.length ? index : -1;
  }

  // A doubled quote inside a quoted name closes and opens the name again, with the same result.
  function skipPast(closing: string, from: number, start: number, what: string) {
    const close = sql.indexOf(closing, from);
    if (close === -1) {
      unterminated(start, what);
    } else {
      at = close + closing.length;
    }
  }

  function skipBlockComment() {
    const start = at;
    let depth = 0;
    COMMENT_EDGE.lastIndex = at;
    do {
      const edge = COMMENT_EDGE.exec(sql);
      if (edge === null) {
        unterminated(start, "comment");
        return;
      }
      depth += edge[0] === "/*" ? 1 : -1;
      at = COMMENT_EDGE.lastIndex;
    } while (depth > 0);
  }

  function unterminated(start: number, text: string) {
    result.faults.push({ index: start, problem: "unterminated", text });
    at = sql.length;
  }

  function match(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(sql)?.[0];
    at += found?.length ?? 0;
    return found;
  }

  function endOr(index: number): number {
    return index === -1 ? sql.length : index;
  }
}

const CONTROLS_TRANSACTION =
  /^(begin|commit|end|abort|(start|prepare) transaction|rollback(?! ((work|transaction) )?to ))( |$)/;

/** Whether a statement begins or ends a transaction. Savepoints stay inside one and are allowed. */
export const controlsTransaction = ({ kind }: Statement): boolean =>
  CONTROLS_TRANSACTION.test(kind);

/** Whether it accepts any index of the name, although an interrupted concurrent build may have left an invalid one. */
export const acceptsInvalidIndex = ({ kind }: Statement): boolean =>
  /^create (unique )?index concurrently if( |$)/.test(kind);
