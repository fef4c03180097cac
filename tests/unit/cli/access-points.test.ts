import assert from "node:assert/strict";

import { accessPointsTable, table } from "../../../cli/access-points";

const container = (name: string, health: string) => ({ name, health, labels: {}, ports: [] });

describe("the table of access points", () => {
  it("names each service, its address and the state of its container, if it has one", () => {
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
      "search           localhost:9200          not there  lp-search",
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
