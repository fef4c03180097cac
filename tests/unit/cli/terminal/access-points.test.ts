import assert from "node:assert/strict";

import { accessPointsTable } from "../../../../cli/terminal/access-points";
import { table } from "../../../../cli/terminal/table";

const container = (name: string, health: string) => ({ name, health });

describe("the table of access points", () => {
  it("names each service with its address and the health of its container, if it has one", () => {
    const lines = accessPointsTable(
      {
        postgres: { container: "lp-postgres", address: "localhost:5432" },
        redisSession: { container: "lp-redis-session", address: "localhost:6380" },
        kafka: { container: "lp-redpanda", address: "localhost:19092" },
        schemaRegistry: { container: "lp-redpanda", address: "http://localhost:18081" },
        search: { container: "lp-search", address: "localhost:9200" },
        vectors: { address: "vectors.example:6333" },
      },
      [
        container("lp-postgres", "healthy"),
        container("lp-redis-session", "unhealthy"),
        container("lp-redpanda", "starting"),
        container("lp-redpanda-console", "healthy"),
      ],
    );
    assert.deepStrictEqual(lines, [
      "service          address                 state      container",
      "---------------  ----------------------  ---------  ----------------",
      "PostgreSQL       localhost:5432          healthy    lp-postgres",
      "Redis, sessions  localhost:6380          unhealthy  lp-redis-session",
      "Kafka API        localhost:19092         starting   lp-redpanda",
      "Schema registry  http://localhost:18081  starting   lp-redpanda",
      "search           localhost:9200          missing    lp-search",
      "vectors          vectors.example:6333",
    ]);
  });

  it("has columns as wide as their longest cell, and no spaces at a line's end", () => {
    assert.deepStrictEqual(table(["a", "bb"], [["xxx", "y"]]), ["a    bb", "---  --", "xxx  y"]);
  });

  it("is its head where there is nothing", () => {
    assert.deepStrictEqual(table(["a", "b"], []), ["a  b", "-  -"]);
  });
});
