import assert from "node:assert/strict";

import { CACHE_POOL, CACHE_TTL_SECONDS, DATABASE_POOL } from "../../../catalog/client-settings";
import { SERVICES } from "../../../catalog/services";
import { EVENT_TYPES, TOPICS } from "../../../catalog/topics";
import * as contract from "../../support/contract";

describe("the catalogue", () => {
  it("has the contract's services, their databases and the prefixes of their roles", () => {
    assert.deepStrictEqual(
      Object.fromEntries(
        Object.entries(SERVICES).map(([service, { database, rolePrefix }]) => [
          service,
          { database, prefix: rolePrefix },
        ]),
      ),
      contract.DATABASES,
    );
  });

  it("has the contract's topics", () => {
    assert.deepStrictEqual(
      Object.fromEntries(
        Object.entries(TOPICS).map(([name, { partitions, retentionDays, compression }]) => [
          name,
          [partitions, retentionDays, compression],
        ]),
      ),
      contract.TOPICS,
    );
  });

  it("has the contract's event types", () => {
    assert.deepStrictEqual([...EVENT_TYPES].sort(), [...contract.EVENT_TYPES].sort());
  });

  it("has the contract's times to live, 30 minutes for users to 1 hour for anything else", () => {
    const minutes = Object.entries(CACHE_TTL_SECONDS).map(([type, ttl]) => [type, ttl / 60]);
    assert.deepStrictEqual(Object.fromEntries(minutes), {
      users: 30,
      sessions: 15,
      content: 120,
      agents: 45,
      payments: 10,
      analytics: 5,
      default: 60,
    });
  });

  it("has the contract's pools", () => {
    assert.deepStrictEqual(CACHE_POOL, { maxActive: 20, maxIdle: 10, minIdle: 2, maxWaitMs: 5000 });
    assert.deepStrictEqual(DATABASE_POOL, {
      maximumPoolSize: 20,
      minimumIdle: 5,
      connectionTimeoutMs: 30 * 1000,
      idleTimeoutMs: 10 * 60 * 1000,
      maxLifetimeMs: 30 * 60 * 1000,
      leakDetectionThresholdMs: 60 * 1000,
      preparedStatementCacheSize: 250,
    });
  });
});
