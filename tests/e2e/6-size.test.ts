import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";

import { readMigrations } from "../../migrator";
import { platform } from "./support/hooks";

const DATABASE = "agent_orchestrator_db";
const COUNT = 20;

describe("The stack's state", () => {
  it("grows by less than 300 bytes for each migration: its name and hash, as input and output", async () => {
    const { checkout } = platform();
    const size = async () =>
      (await checkout.pulumi("stack", "export", "--stack", "dev")).stdout.length;
    const before = await size();
    const first = readMigrations(`sql/${DATABASE}`).versioned.length + 1;
    for (let index = 0; index < COUNT; index += 1) {
      const name = `${String(first + index).padStart(4, "0")}_create_agent_executions_${index}.sql`;
      writeFileSync(checkout.path("sql", DATABASE, name), `select ${index};\n`);
    }
    await checkout.npmOk("up");
    const growth = ((await size()) - before) / COUNT;
    assert.ok(growth > 2 * 64 && growth < 300, `${growth} bytes a migration`);
  });
});
