import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../../cli/paths";
import { variableOf } from "../../client/src/settings";
import { startFirstSessions } from "../../examples/outbox/agent-orchestrator";
import { REGISTERED, registerUser, TOPIC } from "../../examples/outbox/user-service";
import { kafkaAs } from "./support/clients";
import { platform } from "./support/hooks";
import { asOwner } from "./support/owner";
import { clientOf, closeClients } from "./support/platform-client";
import { until } from "./support/running";

const USERS = 20;
/** Events that the relay writes at a time. */
const BATCH = 5;
const RELAY = join(ROOT, "tests", "e2e", "support", "outbox-relay.ts");

const TABLES = [
  ["user_service", "event_outbox"],
  ["agent_orchestrator", "event_inbox"],
] as const;

/** Starts a relay that dies before or after it writes a batch. */
function startRelay(moment: "before" | "after") {
  const connections = platform().outputs.services["user-service"];
  return spawn(process.execPath, ["--require", "tsx/cjs", RELAY, moment, String(BATCH)], {
    cwd: ROOT,
    env: { ...process.env, [variableOf("user-service")]: JSON.stringify(connections) },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

describe("The example of an outbox", () => {
  before(async () => {
    for (const [prefix, table] of TABLES) {
      const file = join(ROOT, "examples", "outbox", "sql", `create_${table}.sql`);
      await asOwner(platform().outputs, prefix, readFileSync(file, "utf8"));
    }
  });
  after(async () => {
    await closeClients();
    for (const [prefix, table] of TABLES) {
      await asOwner(platform().outputs, prefix, `drop table ${table}`);
    }
  });

  it("loses and doubles nothing for an idempotent consumer, wherever its relay is killed", async () => {
    const service = clientOf("user-service");
    const outbox = service.outbox();
    const ids = await Promise.all(
      Array.from({ length: USERS }, () =>
        registerUser(service, outbox, {
          ...{ email: `${randomUUID()}@example.com`, passwordHash: "x" },
          ...{ firstName: "Ann", lastName: "Example" },
        }),
      ),
    );
    const left = async () =>
      (await service.database().query("select 1 from event_outbox")).rowCount!;

    // Both relays leave the outbox as it was: what the second one wrote is written again.
    for (const moment of ["before", "after"] as const) {
      const [, signal] = (await once(startRelay(moment), "exit")) as [unknown, string];
      assert.equal(signal, "SIGKILL");
      assert.equal(await left(), USERS);
    }
    outbox.start();
    await until(async () => (await left()) === 0);

    const orchestrator = clientOf("agent-orchestrator");
    const received: string[] = [];
    const counter = orchestrator
      .consumer({ topics: [TOPIC], group: `count-${randomUUID()}` })
      .on({ [REGISTERED]: async ({ subject }) => void received.push(subject) })
      .start();
    const starter = startFirstSessions(orchestrator, `sessions-${randomUUID()}`);
    await until(() => hasReadAll(starter.group));
    await until(() => hasReadAll(counter.group));
    const { rows } = await orchestrator
      .database()
      .query<{ user_id: string }>("select user_id from learning_sessions where user_id = any($1)", [
        ids,
      ]);
    assert.deepEqual(rows.map((row) => row.user_id).sort(), ids.sort());
    const own = received.filter((subject) => ids.includes(subject));
    assert.equal(own.length, USERS + BATCH, "a relay has written a batch and died");
  });
});

/** Whether a consumer group has handled all that is in the topic. */
async function hasReadAll(groupId: string): Promise<boolean> {
  const { administrators, accessPoints } = platform().outputs;
  const admin = kafkaAs(accessPoints.kafka.address, administrators.kafka).admin();
  await admin.connect();
  try {
    const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [TOPIC] });
    const ends = await admin.fetchTopicOffsets(TOPIC);
    return ends.every(({ partition, high }) => {
      const offset = partitions.find((found) => found.partition === partition)?.offset ?? "-1";
      return high === "0" || offset === high;
    });
  } finally {
    await admin.disconnect();
  }
}
