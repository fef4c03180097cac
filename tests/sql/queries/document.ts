import { readFileSync } from "node:fs";
import path from "node:path";

import { type DatabaseName, DATABASES } from "../support/databases";

/** A query as docs/queries.md has it. */
export interface DocumentedQuery {
  title: string;
  /** With $1, $2 ... for the parameters, in the order of `parameters`. */
  sql: string;
  parameters: string[];
  /** Its answer is worked out from many rows. */
  addsUp: boolean;
  /** Most rows that it may read, where the document says so. */
  mostRows: number | undefined;
}

export interface DocumentedDatabase {
  /** Rows that each table is assumed to hold. */
  rows: Record<string, number>;
  queries: DocumentedQuery[];
}

const DOCUMENT = path.resolve(__dirname, "../../../docs/queries.md");

/** Reads docs/queries.md: the row counts and queries of every database. */
export function readDocument(): Record<DatabaseName, DocumentedDatabase> {
  const chapters = readFileSync(DOCUMENT, "utf8").split(/^## /m).slice(1);
  const read = chapters.map((chapter) => [chapter.split("\n", 1)[0], readChapter(chapter)]);
  const found = read.map(([name]) => name).sort();
  if (found.join() !== [...DATABASES].sort().join()) {
    throw new Error(`docs/queries.md has chapters for ${found.join(", ")}`);
  }
  return Object.fromEntries(read) as Record<DatabaseName, DocumentedDatabase>;
}

function readChapter(chapter: string): DocumentedDatabase {
  const [introduction, ...sections] = chapter.split(/^### /m);
  const rows = [...introduction.matchAll(/^\| (\w+) +\| +([\d,]+) \|/gm)].map(
    ([, table, count]) => [table, Number(count.replaceAll(",", ""))] as const,
  );
  return { rows: Object.fromEntries(rows), queries: sections.map(readSection) };
}

/** Puts $1, $2 ... in the place of a statement's `:name`s. */
export function numbered(named: string): Pick<DocumentedQuery, "sql" | "parameters"> {
  const parameters: string[] = [];
  const sql = named.replace(/(?<!:):([a-z_]+)/g, (_, name: string) => {
    if (!parameters.includes(name)) {
      parameters.push(name);
    }
    return `$${parameters.indexOf(name) + 1}`;
  });
  return { sql, parameters };
}

function readSection(section: string): DocumentedQuery {
  const title = section.split("\n", 1)[0];
  const named = /^```sql\n(.*?)\n```$/ms.exec(section)?.[1];
  if (!named) {
    throw new Error(`docs/queries.md holds no query under "${title}"`);
  }
  const { sql, parameters } = numbered(named);
  const mostRows = /^Reads at most ([\d,]+) rows\.$/m.exec(section)?.[1].replaceAll(",", "");
  return {
    title,
    sql,
    parameters,
    addsUp: /^Adds up\./m.test(section),
    mostRows: mostRows === undefined ? undefined : Number(mostRows),
  };
}
