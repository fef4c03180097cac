/** Texts of others in Markdown of GitHub: they stay one piece of text, whatever they contain. */

const LONGEST_NAME = 200;
const LONGEST_TEXT = 600;

/** Printable ASCII that means nothing between backticks in a cell of a table. */
const PLAIN = /^[!-~]([ -~]*[!-~])?$/;
const MEANT = /[`|\\<>&]/;

/** Characters that break lines, or that change the order or the sight of others. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

const oneLine = (text: string, longest: number): string => {
  const line = text.replace(UNSEEN, " ").trim();
  const characters = [...line];
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : line;
};

const entity = (character: string) => `&#${character.codePointAt(0)};`;

/** A name in the font of code; GitHub makes no mention or link of it. */
export function code(name: string): string {
  const text = oneLine(name, LONGEST_NAME);
  if (PLAIN.test(text) && !MEANT.test(text)) {
    return `\`${text}\``;
  }
  return `<code>${text.replace(/[^A-Za-z0-9 ]/gu, entity)}</code>`;
}

/** A sentence. A character that nobody sees keeps GitHub from making links and mentions of its words. */
export const prose = (text: string): string =>
  oneLine(text, LONGEST_TEXT)
    .replace(/[\\`*[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, entity)
    .replace(/(?<!&)[@#]|(?<=:)(?=\/\/)|(?<=\bwww)(?=\.)/gi, (mark) => `${mark}&#8203;`);

/** Lines as they are, in a block that none of them can end. */
export function block(text: string): { open: string; lines: string[]; close: string } {
  const lines = text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => {
    const indent = /^ */.exec(line)?.[0] ?? "";
    return `${indent}${oneLine(line, LONGEST_TEXT)}`;
  });
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return { open: `${fence}text`, lines, close: fence };
}
