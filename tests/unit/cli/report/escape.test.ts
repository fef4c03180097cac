import assert from "node:assert/strict";

import type { Token, Tokens } from "marked" with { "resolution-mode": "import" };

import { block, code, prose } from "../../../../cli/report/escape";

const HOSTILE = [
  "a | b",
  "a \\| b",
  "a\\",
  "`",
  "``a` ``",
  " a ",
  "*a* _b_ ~~c~~",
  "[x](http://evil.example) ![y](z)",
  "<b>bold</b>",
  "<!-- hidden -->",
  "--> </code></details><script>alert(1)</script>",
  "&lt;b&gt; &amp;",
  "a\nb\r\n\n# c",
  "| --- |",
  "- item\n> quote",
  "\u202eabc\u0000\u200b",
  "",
  "<https://evil.example>",
  "a@b.example",
];

async function lexed(text: string): Promise<Token[]> {
  const { marked } = await import("marked");
  return marked.lexer(text);
}

/** The one table in a text. */
async function tableIn(text: string): Promise<Tokens.Table> {
  const tokens = (await lexed(text)).filter(({ type }) => type !== "space");
  assert.deepStrictEqual(
    tokens.map(({ type }) => type),
    ["table"],
    text,
  );
  return tokens[0] as Tokens.Table;
}

/** Types of all tokens of a cell. */
const typesIn = (tokens: Token[]): string[] =>
  tokens.flatMap((token) => [
    token.type === "html" ? (token as Tokens.HTML).raw : token.type,
    ...("tokens" in token && token.tokens ? typesIn(token.tokens) : []),
  ]);

/** What a reader sees of a cell, without the characters that nobody sees. */
const seen = (tokens: Token[]): string =>
  tokens
    .map((token) => (token.type === "codespan" ? (token as Tokens.Codespan).text : token.raw))
    .join("")
    .replace(/<\/?code>/g, "")
    .replace(/&#(\d+);/g, (_, number) => String.fromCodePoint(Number(number)))
    .replaceAll("\u200b", "");

const INVISIBLE = /[\p{Cc}\p{Cf}]+/gu;

describe("a text of others in a report", () => {
  for (const [form, write, allowed] of [
    ["as a name", code, ["codespan", "text", "escape", "<code>", "</code>"]],
    ["as a sentence", prose, ["text", "escape"]],
  ] as const) {
    it(`stays in its cell, and means nothing, ${form}`, async () => {
      for (const text of HOSTILE) {
        const table = await tableIn(
          `| a | b |\n| --- | --- |\n| ${write(text)} | ${write(text)} |`,
        );
        assert.deepStrictEqual([table.header.length, table.rows.length], [2, 1], text);
        assert.strictEqual(table.rows[0].length, 2, text);
        for (const cell of table.rows[0]) {
          const others = typesIn(cell.tokens).filter(
            (type) => !(allowed as readonly string[]).includes(type),
          );
          assert.strictEqual(seen(cell.tokens), text.replace(INVISIBLE, " ").trim());
          assert.deepStrictEqual(others, [], `${JSON.stringify(text)}: ${cell.text}`);
        }
      }
    });
  }

  it("is a name as it is where that is harmless", () => {
    for (const name of ["user-events", "repeatable/01_f.sql", "user-service:*", "a, b (c)"]) {
      assert.strictEqual(code(name), `\`${name}\``);
    }
  });

  it("mentions nobody and links to nothing in a sentence", () => {
    assert.strictEqual(
      prose("@team #12 see https://x or www.y.example"),
      "@&#8203;team #&#8203;12 see https:&#8203;//x or www&#8203;.y.example",
    );
    assert.strictEqual(prose("on payment_service_db"), "on payment_service_db");
  });

  it("is cut where it is very long", () => {
    assert.strictEqual(code("x".repeat(300)), `<code>${"x".repeat(200)}&#8230;</code>`);
    assert.strictEqual(prose("x".repeat(700)), `${"x".repeat(600)}…`);
  });

  it("cannot end a block of lines", async () => {
    const text = "a\n```\n<b>\n````";
    const { open, lines, close } = block(text);
    const tokens = await lexed([open, ...lines, close, "after"].join("\n"));
    assert.deepStrictEqual(
      tokens.map(({ type }) => type),
      ["code", "paragraph"],
    );
    assert.strictEqual((tokens[0] as Tokens.Code).text, text);
  });
});
