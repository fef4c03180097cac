import { readFileSync } from "node:fs";
import path from "node:path";

import { type DatabaseName, DATABASES } from "../support/databases";

/** A query of docs/queries.md. */
export interface DocumentedQuery {
  title: string;
  /** With $1, $2 ... as parameters, in the order of `parameters`. */
  sql: string;
  parameters: string[];
  /** Its answer is computed from many rows. */
  aggregates: boolean;
  /** Maximum number of rows that it may read, if the document states one. */
  mostRows: number | undefined;
}

export interface DocumentedDatabase {
  /** Assumed number of rows of each table. */
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

/** Replaces the `:name`s of a statement with $1, $2 ... */
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
    throw new Error(`docs/queries.md has no query under "${title}"`);
  }
  const { sql, parameters } = numbered(named);
  const mostRows = /^Reads at most ([\d,]+) rows\.$/m.exec(section)?.[1].replaceAll(",", "");
  return {
    title,
    sql,
    parameters,
    aggregates: /^Aggregates many rows\./m.test(section),
    mostRows: mostRows === undefined ? undefined : Number(mostRows),
  };
}
