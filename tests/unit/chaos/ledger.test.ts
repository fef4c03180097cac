import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LedgerWriter, readLedger } from "../../chaos/ledger";

describe("The ledger of a client", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ledger-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("goes on where a killed process has left a torn line", () => {
    const file = join(folder, "a.jsonl");
    const first = new LedgerWriter(file);
    first.write({ act: "row", result: "ok", id: "one" });
    first.close();
    appendFileSync(file, '{"at":17,"act":"row","resu');
    const second = new LedgerWriter(file);
    second.write({ act: "row", result: "ok", id: "two" });
    second.close();
    appendFileSync(file, '{"at":18,"act"');
    assert.deepEqual(
      readLedger(file).map(({ id }) => id),
      ["one", "two"],
    );
  });
});
