/** Lines that stay and, on a terminal, one status below them that changes. */
export interface Display {
  /** Prints a line that stays. */
  line(text: string): void;
  /** Shows a text below all lines, in place of the one before; does nothing outside of a terminal. */
  status(text: string): void;
  /** Removes the status. */
  end(): void;
}

/** For pipes, files and CI: lines only. */
export const plainDisplay = (print: (line: string) => void): Display => ({
  line: print,
  status: () => undefined,
  end: () => undefined,
});

/** listr2 and log-update 8 were looked at: they need Node.js 22. */
function liveDisplay(stream: NodeJS.WriteStream): Display {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an ES module, which only a terminal needs
  const { createLogUpdate } = require("log-update") as typeof import("log-update", {
    with: { "resolution-mode": "import" },
  });
  const update = createLogUpdate(stream, { showCursor: true });
  return { line: (text) => update.persist(text), status: update, end: () => update.clear() };
}

/** A live display on a terminal, plain lines anywhere else. */
export const createDisplay = (stream: NodeJS.WriteStream = process.stdout): Display =>
  stream.isTTY && !process.env.CI
    ? liveDisplay(stream)
    : plainDisplay((line) => stream.write(`${line}\n`));
