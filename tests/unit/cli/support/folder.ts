import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Acts in a folder of its own, which is removed afterwards. */
export function withFolder<T>(act: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-unit-"));
  try {
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
