import assert from "node:assert/strict";

import { FORMATS } from "../../../../cli/connections/formats";
import { inNetwork } from "../../../../cli/connections/in-network";
import { MASK, masked } from "../../../../cli/connections/mask";
import { settingsOf } from "../../../../cli/connections/settings";
import { AWKWARD, connectionsWith, PEM } from "./support";

const POINTS = {
  postgres: { address: "localhost:5432", internalAddress: "lp-postgres:5432" },
  redis: { address: "localhost:6379", internalAddress: "lp-redis:6379" },
  redisSession: { address: "localhost:6380", internalAddress: "lp-redis-session:6379" },
  kafka: { address: "localhost:19092", internalAddress: "lp-redpanda:9092" },
  schemaRegistry: {
    address: "http://localhost:18081",
    internalAddress: "http://lp-redpanda:8081",
  },
};

describe("connections on the platform's network", () => {
  it("name every node of Redis as the nodes do", () => {
    const { cache, session, ...rest } = connectionsWith("x");
    const moved = inNetwork(
      {
        ...rest,
        cache: {
          ...cache,
          cluster: {
            nodes: "localhost:6379,localhost:6389",
            announcedNodes: "lp-redis:6379,lp-redis-2:6389",
          },
        },
        session: { ...session!, nodes: "localhost:6380,localhost:6390" },
      },
      {
        ...POINTS,
        redisSessionReplica: {
          address: "localhost:6390",
          internalAddress: "lp-redis-session-replica:6379",
        },
      },
    );
    assert.deepEqual(moved.cache.cluster, {
      nodes: "lp-redis:6379,lp-redis-2:6389",
      announcedNodes: "lp-redis:6379,lp-redis-2:6389",
    });
    assert.equal(moved.session?.nodes, "lp-redis-session:6379,lp-redis-session-replica:6379");
  });

  it("name the containers in every address, and change nothing else", () => {
    const connections = connectionsWith(AWKWARD);
    const moved = inNetwork(connections, POINTS);
    const text = JSON.stringify(moved);
    assert.ok(!text.includes("localhost"), text);
    assert.equal(
      moved.database.jdbcUrl,
      "jdbc:postgresql://lp-postgres:5432/user_service_db?prepareThreshold=5",
    );
    assert.equal(
      moved.session?.url,
      `redis://user-service:${encodeURIComponent(AWKWARD)}@lp-redis-session:6379`,
    );
    assert.deepEqual([moved.session?.host, moved.session?.port], ["lp-redis-session", 6379]);
    assert.equal(moved.kafka.bootstrapServers, "lp-redpanda:9092");
    assert.equal(moved.schemaRegistry?.url, "http://lp-redpanda:8081");
    const addresses = /host|port|url|jdbcUrl|bootstrapServers/;
    const rest = (of: typeof moved) =>
      settingsOf(of).filter(({ path }) => !addresses.test(path.at(-1)!));
    assert.deepEqual(rest(moved), rest(connections));
  });

  it("name the replica to readers who have one", () => {
    const { databaseReadonly, ...others } = connectionsWith("x");
    const at = (port: number) => ({
      ...databaseReadonly,
      port,
      url: databaseReadonly.url.replace(":5432", `:${port}`),
      jdbcUrl: databaseReadonly.jdbcUrl.replace(":5432", `:${port}`),
    });
    const points = {
      ...POINTS,
      postgresReplica1: { address: "localhost:5433", internalAddress: "lp-replica-1:5432" },
    };
    const { database, databaseReadonly: moved } = inNetwork(
      { ...others, databaseReadonly: at(5433) },
      points,
    );
    assert.deepEqual([moved.host, moved.port], ["lp-replica-1", 5432]);
    assert.match(moved.jdbcUrl, /^jdbc:postgresql:\/\/lp-replica-1:5432\//);
    assert.equal(database.host, "lp-postgres");
    // A replica that somebody else runs, which containers reach by the same name.
    const outside = inNetwork({ ...others, databaseReadonly: at(6000) }, points).databaseReadonly;
    assert.deepEqual(outside, at(6000));
  });

  it("are those of the host where servers are outside of the network", () => {
    const outside = Object.fromEntries(
      Object.entries(POINTS).map(([name, { address }]) => [
        name,
        { address, internalAddress: address },
      ]),
    );
    assert.deepEqual(inNetwork(connectionsWith("x"), outside), connectionsWith("x"));
  });

  it("are refused where the stack's outputs are too old to have them", () => {
    const { address } = POINTS.postgres;
    assert.throws(
      () => inNetwork(connectionsWith("x"), { ...POINTS, postgres: { address } }),
      /npm run up/,
    );
  });
});

describe("masked connections", () => {
  for (const format of ["dotenv", "json", "shell", "spring", "properties"] as const) {
    it(`have no secret in the format ${format}`, () => {
      const secret = "S3cretS3cret";
      const connections = connectionsWith(secret, { trustedCertificates: PEM });
      assert.ok(FORMATS[format]("user-service", connections).includes(secret));
      const text = FORMATS[format]("user-service", masked(connections));
      assert.ok(!text.includes(secret));
      assert.ok(text.includes(MASK));
    });
  }

  it("keep everything but passwords", () => {
    const own = { trustedCertificates: PEM };
    const encoded = JSON.stringify(connectionsWith(MASK, own)).replaceAll(
      encodeURIComponent(MASK),
      MASK,
    );
    assert.deepEqual(masked(connectionsWith(AWKWARD, own)), JSON.parse(encoded));
  });
});

describe("connections as Java properties", () => {
  it("are read back by the rules of java.util.Properties", () => {
    const connections = connectionsWith(` é\t${AWKWARD}`, { trustedCertificates: PEM });
    const text = FORMATS.properties("user-service", connections);
    const found = loadProperties(text);
    for (const { path, value } of settingsOf(connections)) {
      assert.equal(found[["platform.user-service", ...path].join(".")], String(value));
    }
    assert.equal(Object.keys(found).length, settingsOf(connections).length);
    assert.ok(/^[\x20-\x7e\n]*$/.test(text), "only ASCII");
  });
});

/** java.util.Properties#load, as its documentation says: for lines without continuation and keys without escapes. */
function loadProperties(text: string): Record<string, string> {
  const lines = text.split("\n").filter(Boolean);
  return Object.fromEntries(
    lines.map((line) => {
      const [, key, rest] = /^([^\s:=]+)\s*[=:]?\s*(.*)$/.exec(line)!;
      assert.ok(!/(^|[^\\])(\\\\)*\\$/.test(rest), "no line goes on");
      return [key, rest.replace(/\\(u([0-9a-f]{4})|.)/g, unescape)];
    }),
  );
}

const NAMED: Record<string, string> = { n: "\n", r: "\r", t: "\t", f: "\f" };
const unescape = (_match: string, character: string, code?: string): string =>
  code === undefined ? (NAMED[character] ?? character) : String.fromCharCode(parseInt(code, 16));
