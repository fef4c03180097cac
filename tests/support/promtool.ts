/** Runs promtool's unit tests of all alerts, and says which of them pass. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ALERT_CASES, promtoolFiles } from "./alert-cases";

/** A case's name: the alert's, and whether it fires. */
export interface PromtoolTest {
  alert: string;
  fires: boolean;
  /** Name of its file in the folder. */
  file: string;
}

/** Writes the files of all tests into a folder. */
export function writePromtoolTests(folder: string): PromtoolTest[] {
  mkdirSync(folder, { recursive: true });
  return Object.entries(ALERT_CASES).flatMap(([alert, { firing, quiet }]) =>
    [firing, ...quiet].map((one, index): PromtoolTest => {
      const name = `${alert}-${index}`;
      const file = `${name}.test.yml`;
      const { rules, test } = promtoolFiles(alert, one, `${name}.rules.yml`);
      writeFileSync(join(folder, `${name}.rules.yml`), rules, { mode: 0o644 });
      writeFileSync(join(folder, file), test, { mode: 0o644 });
      return { alert, fires: index === 0, file };
    }),
  );
}

/** What promtool printed for each file, by the file's name without its folder. */
export function promtoolResults(printed: string): Record<string, string> {
  const parts = printed.split(/^Unit Testing: +/m).slice(1);
  return Object.fromEntries(
    parts.map((part) => {
      const [file, ...lines] = part.trim().split("\n");
      return [file.trim().split("/").pop()!, lines.join("\n").trim()];
    }),
  );
}
