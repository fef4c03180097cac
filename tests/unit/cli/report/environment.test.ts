import assert from "node:assert/strict";

import { FaultError } from "../../../../cli/fault";
import { failedReport, goneReport, upReport } from "../../../../cli/report/environment";

describe("the report of an environment", () => {
  it("has the addresses and where they are, and no login", () => {
    const points = {
      postgres: { address: "localhost:20001", container: "learning-platform-pr-7-postgres" },
      console: { address: "http://localhost:20002" },
    };
    assert.strictEqual(
      upReport("pr-7", "runner-1", points),
      "**Environment up** · stack `pr-7` · machine `runner-1`\n\n" +
        "| service | address on that machine |\n" +
        "| ------- | ----------------------- |\n" +
        "| PostgreSQL | `localhost:20001` |\n" +
        "| Redpanda Console | `http://localhost:20002` |\n\n" +
        "It goes when the pull request is closed, when it loses the label, or when its time is over.\n",
    );
  });

  it("is one line where it is gone", () => {
    assert.strictEqual(goneReport("pr-7"), "**Environment gone** · stack `pr-7`\n");
  });

  it("has the reasons of a failure without secrets, and nothing that ends the block", () => {
    const error = new FaultError(["postgres://a:b@c failed\n```", "password=hidden"]);
    assert.strictEqual(
      failedReport("pr-7", error),
      "**Environment failed** · stack `pr-7`\n\n" +
        "````text\npostgres://***@c failed\n```\npassword=***\n````\n",
    );
  });
});
