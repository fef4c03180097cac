const WIDTH = 96;

/**
 * A comment of TypeScript or Kotlin, which both read up to the first "*" + "/".
 * @param lines paragraphs; those that are empty are left out
 * @returns the text with a line break at its end, or nothing where there is nothing to say
 */
export function docComment(lines: (string | null | undefined)[], indent = ""): string {
  const [first, ...rest] = lines
    // Kotlin's comments nest, so neither end of a comment may stand in the text.
    .map((line) => line?.replaceAll("/*", "/ *").replaceAll("*/", "* /"))
    .filter((line) => line !== undefined && line !== "")
    .flatMap((line) => wrap(line as string));
  if (first === undefined) {
    return "";
  }
  return rest.length === 0
    ? `${indent}/** ${first} */\n`
    : ["/**", ...[first, ...rest].map((line) => ` * ${line}`), " */"]
        .map((line) => `${indent}${line}\n`)
        .join("");
}

function wrap(text: string): string[] {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const line = `${lines.at(-1)} ${word}`.trimStart();
    if (line.length > WIDTH && lines.at(-1) !== "") {
      lines.push(word);
    } else {
      lines[lines.length - 1] = line;
    }
  }
  return lines;
}
