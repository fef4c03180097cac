import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../../../cli/paths";
import type { Database } from "../../../client/src/database/database";
import { envelope, type NewEvent, type PlatformEvent } from "../../../client/src/events/envelope";
import type { EventContext } from "../../../client/src/events/handling";
import { EventTooLargeError } from "../../../client/src/events/producer";
import { once } from "../../../client/src/outbox/inbox";
import { Outbox } from "../../../client/src/outbox/outbox";
import { createDatabase, type TestDatabase } from "../support/databases";
import { asOwner, connect } from "./support";

const exampleSql = (file: string) =>
  readFileSync(join(ROOT, "examples", "outbox", "sql", file), "utf8");

const updated = (subject: string, data: unknown = { subject }): NewEvent => ({
  ...{ type: "user.updated.v1", subject, data },
});

describe("The example's tables", () => {
  let database: TestDatabase;
  let client: Database;

  before(async () => {
    database = await createDatabase("user_service_db");
    for (const file of ["create_event_outbox.sql", "create_event_inbox.sql"]) {
      await asOwner(database, exampleSql(file));
    }
    ({ client } = connect(database));
  });
  after(async () => {
    await client.close();
    await database.drop();
  });
  beforeEach(async () => {
    await client.query("delete from event_outbox");
    await client.query("delete from event_inbox");
  });

  describe("the outbox", () => {
    let written: [topic: string, events: readonly NewEvent[]][];
    let outbox: Outbox;
    let warnings: string[];
    /** What the topics do with events. */
    let publishAll: (topic: string, events: readonly NewEvent[]) => Promise<void>;

    beforeEach(() => {
      written = [];
      warnings = [];
      publishAll = async (topic, events) => void written.push([topic, events]);
      outbox = anOutbox();
    });

    const anOutbox = () =>
      new Outbox(
        { batchSize: 3, extraTopics: ["test-topic"] },
        {
          database: client,
          producer: {
            publishAll: (topic, events) => publishAll(topic, events),
            checkSize: (topic, event) => {
              if (JSON.stringify(event).length > 10_000) {
                throw new EventTooLargeError(topic);
              }
            },
          },
          log: { warn: (message) => void warnings.push(message) },
          // Tests put into events what they look for.
          checksEvents: false,
        },
      );
    const store = (...events: [topic: string, event: NewEvent][]) =>
      client.transaction(async (transaction) => {
        for (const [topic, event] of events) {
          await outbox.add(transaction, topic, event);
        }
      });
    const stored = async () => (await client.query("select 1 from event_outbox")).rowCount;

    it("writes events in the order in which they were stored, and deletes them", async () => {
      await store(
        ["user-events", updated("1")],
        ["user-events", updated("2")],
        ["system-events", updated("3")],
        ["user-events", updated("4")],
      );
      assert.equal(await outbox.relay(), 3);
      assert.equal(await outbox.relay(), 1);
      assert.equal(await outbox.relay(), 0);
      assert.deepEqual(
        written.map(([topic, events]) => [topic, ...events.map(({ subject }) => subject)]),
        [
          ["user-events", "1", "2"],
          ["system-events", "3"],
          ["user-events", "4"],
        ],
      );
      assert.equal(await stored(), 0);
    });

    it("gives an event as it was, with the id and the time that it was stored with", async () => {
      const event = {
        ...updated("1", { list: [1, null, "ü"] }),
        id: "0f8fad5b-d9cb-469f-a165-70867728950e",
        time: "2026-01-02T03:04:05.678Z",
      };
      await store(["user-events", event]);
      await outbox.relay();
      assert.deepEqual(written, [["user-events", [event]]]);
    });

    it("has no event of a transaction that is rolled back", async () => {
      const work = client.transaction(async (transaction) => {
        await outbox.add(transaction, "user-events", updated("1"));
        throw new Error("no");
      });
      await assert.rejects(work, /^Error: no$/);
      assert.equal(await outbox.relay(), 0);
    });

    it("refuses what can never be written, and would hold up all later events", async () => {
      await assert.rejects(
        store(["user-events", updated("1", "x".repeat(20_000))]),
        EventTooLargeError,
      );
      await assert.rejects(store(["user-event", updated("1")]), /has no topic user-event\./);
      assert.equal(await stored(), 0);
      await store(["test-topic", updated("1")]);
      assert.equal(await stored(), 1);
    });

    it("stops in time, also where no broker answers", async () => {
      await store(["user-events", updated("1")]);
      let answer = () => {};
      const asked = new Promise<void>((resolve) => {
        publishAll = () =>
          new Promise((_, reject) => ((answer = () => reject(new Error("gone"))), resolve()));
      });
      outbox.start();
      await asked;
      await outbox.stop(20);
      assert.match(warnings.join(), /a batch is still under way/);
      answer();
    });

    it("keeps events that could not be written", async () => {
      await store(["user-events", updated("1")]);
      publishAll = () => Promise.reject(new Error("no broker"));
      await assert.rejects(outbox.relay(), /^Error: no broker$/);
      assert.equal(await stored(), 1);
    });

    it("is relayed by one at a time", async () => {
      await store(["user-events", updated("1")]);
      let open = () => {};
      const gate = new Promise<void>((resolve) => (open = resolve));
      let isAsked = () => {};
      const asked = new Promise<void>((resolve) => (isAsked = resolve));
      publishAll = () => {
        isAsked();
        return gate;
      };
      const first = outbox.relay();
      await asked;
      assert.equal(await anOutbox().relay(), 0);
      open();
      assert.equal(await first, 1);
    });

    it("is relayed in the background until it is stopped, in spite of errors", async () => {
      let failures = 1;
      const both = new Promise<void>((resolve) => {
        publishAll = async (topic, events) => {
          if (failures > 0) {
            failures -= 1;
            throw new Error("no broker");
          }
          written.push([topic, events]);
          resolve();
        };
      });
      await store(["user-events", updated("1")]);
      outbox.start();
      await both;
      await outbox.stop();
      await store(["user-events", updated("2")]);
      assert.deepEqual([written.length, await stored()], [1, 1]);
    });
  });

  describe("the inbox", () => {
    const event: PlatformEvent = envelope("agent-orchestrator", updated("1"));
    const context = {} as EventContext;
    let runs: number;
    beforeEach(() => (runs = 0));

    const handler = (error?: Error) =>
      once(client, async () => {
        runs += 1;
        if (error !== undefined) {
          throw error;
        }
      });

    it("lets an event be handled once, also where it arrives twice at the same time", async () => {
      const handle = handler();
      await handle(event, context);
      await Promise.all([handle(event, context), handle(event, context)]);
      assert.equal(runs, 1);
    });

    it("tells events of different services apart", async () => {
      await handler()(event, context);
      await handler()({ ...event, source: "payment-service" }, context);
      assert.equal(runs, 2);
    });

    it("lets an event be handled again after an error, and keeps nothing of the first time", async () => {
      const write = (email: string, error?: Error) =>
        once(client, async (transaction) => {
          await transaction.query(
            `insert into users (email, password_hash, first_name, last_name)
             values ($1, 'x', 'Ann', 'Example')`,
            [email],
          );
          if (error !== undefined) {
            throw error;
          }
        });
      await assert.rejects(write("a@example.com", new Error("no"))(event, context), /^Error: no$/);
      await write("b@example.com")(event, context);
      const { rows } = await client.query("select email from users");
      assert.deepEqual(rows, [{ email: "b@example.com" }]);
    });
  });
});
