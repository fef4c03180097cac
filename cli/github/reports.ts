/** Reports that a run left in a folder. The code of a pull request wrote them: none of it is believed or run. */
import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { LONGEST_REPORT } from "../report/markdown";

export interface FoundReport {
  stack: string;
  text: string;
}

/** UTF-8 has up to three bytes for each unit of a text's length. */
const LONGEST_FILE = 3 * LONGEST_REPORT;

/** Where a run leaves the report of a stack, below the folder that its artefacts are put in. */
export const reportFile = (folder: string, stack: string) => join(folder, `${stack}.md`);

/**
 * Reads the reports of the stacks that may have one. Whatever else is in the folder is left alone.
 * @returns with each file that is no report and why, without its text
 */
export function findReports(
  folder: string,
  stacks: readonly string[],
): { found: FoundReport[]; refused: string[] } {
  const found: FoundReport[] = [];
  const refused: string[] = [];
  for (const stack of stacks) {
    const file = reportFile(folder, stack);
    const fault = faultOf(file);
    if (fault === "missing") {
      continue;
    }
    const text = fault === undefined ? readFileSync(file, "utf8") : "";
    if (fault !== undefined || text.length > LONGEST_REPORT) {
      refused.push(`The report of stack ${stack} ${fault ?? "is too long"}.`);
    } else {
      found.push({ stack, text });
    }
  }
  return { found, refused };
}

/** A link could lead to a file of this machine, which the comment would then show. */
function faultOf(file: string): string | undefined {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) {
    return "missing";
  }
  if (!found.isFile()) {
    return "is not a plain file";
  }
  return found.size > LONGEST_FILE ? "is too long" : undefined;
}

/** Marks, tags and references in a text of a stranger that reach further than the comment. */
const REACHING = /(?<![A-Za-z0-9])[@#](?=[A-Za-z0-9])|<!--|!\[/g;

/** The report of a fork's code: it says whose words it has, calls nobody, and shows no picture. */
export const asOfFork = (text: string): string =>
  "> The code of a fork wrote this report, on a machine without the stack's state: it compares with a stack that\n" +
  "> does not exist yet.\n\n" +
  text.replace(REACHING, (mark) => `${mark[0]}\u200b${mark.slice(1)}`);
