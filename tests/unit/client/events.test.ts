import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";

import type { KafkaLogin } from "../../../client/src/connections";
import {
  DEAD_LETTER,
  deadLetterOf,
  type ReceivedMessage,
} from "../../../client/src/events/dead-letters";
import { envelope, EnvelopeError, parseEvent } from "../../../client/src/events/envelope";
import {
  type EventContext,
  type EventHandler,
  handleMessage,
  PermanentError,
} from "../../../client/src/events/handling";
import { Lanes } from "../../../client/src/events/lanes";
import { EventTooLargeError, Producer } from "../../../client/src/events/producer";
import { type Batch, SendQueue } from "../../../client/src/events/send-queue";

const event = envelope("user-service", {
  type: "user.updated.v1",
  subject: "42",
  data: { firstName: "Ann" },
});

const message = (value: unknown = event): ReceivedMessage => ({
  ...{ topic: "user-events", partition: 2, offset: 17n },
  key: Buffer.from("42"),
  value: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
  headers: new Map([["content-type", "application/cloudevents+json; charset=UTF-8"]]),
});

describe("The envelope of events", () => {
  it("has the attributes of CloudEvents 1.0", () => {
    const { id, time, ...rest } = event;
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.equal(new Date(time).toISOString(), time);
    assert.deepEqual(rest, {
      specversion: "1.0",
      source: "user-service",
      type: "user.updated.v1",
      subject: "42",
      datacontenttype: "application/json",
      data: { firstName: "Ann" },
    });
  });

  it("comes back as it was", () => assert.deepEqual(parseEvent(message().value), event));

  it("keeps a given id and time", () => {
    const given = { id: "a", time: "2026-01-02T03:04:05.678Z" };
    const { id, time } = envelope("s", { type: "t", subject: "u", data: null, ...given });
    assert.deepEqual({ id, time }, given);
  });

  for (const [title, value, reason] of [
    ["no JSON", "{", /not JSON/],
    ["no object", "4", /not an event/],
    ["no id", { ...event, id: undefined }, /id: /],
    ["another version", { ...event, specversion: "0.3" }, /specversion: /],
    ["no time", { ...event, time: "yesterday" }, /time: /],
  ] as const) {
    it(`refuses a message with ${title}`, () =>
      assert.throws(
        () => parseEvent(message(value).value),
        (error: Error) => error instanceof EnvelopeError && reason.test(error.message),
      ));
  }

  it("refuses an empty message", () => assert.throws(() => parseEvent(undefined), EnvelopeError));
});

describe("A dead letter", () => {
  const now = new Date("2026-01-02T03:04:05Z");
  const failed = (received: ReceivedMessage, attempts = 3) =>
    deadLetterOf(received, "content-service", attempts, new TypeError("no title"), now);

  it("is the message as it was, with where it was and why it was given up", () => {
    const { key, value, headers } = failed(message());
    assert.deepEqual([key, value], [message().key, message().value]);
    assert.deepEqual(Object.fromEntries(headers), {
      "content-type": "application/cloudevents+json; charset=UTF-8",
      "dead-letter-reason": "TypeError: no title",
      "dead-letter-topic": "user-events",
      "dead-letter-partition": "2",
      "dead-letter-offset": "17",
      "dead-letter-group": "content-service",
      "dead-letter-attempts": "3",
      "dead-letter-time": "2026-01-02T03:04:05.000Z",
    });
  });

  it("that fails again keeps where it was at first, and counts on", () => {
    const letter = failed(message());
    const again = failed({
      ...message(),
      ...{ partition: 0, offset: 0n },
      headers: letter.headers as Map<string, string>,
    });
    assert.deepEqual(
      [DEAD_LETTER.partition, DEAD_LETTER.offset, DEAD_LETTER.attempts].map((name) =>
        again.headers.get(name),
      ),
      ["2", "17", "6"],
    );
  });

  it("has a reason that fits into the message", () => {
    const error = new Error("x".repeat(1_000_000));
    const { headers } = deadLetterOf(message(), "g", 1, error, now);
    assert.equal(headers.get(DEAD_LETTER.reason)!.length, 1_000);
  });
});

describe("Handling of a message", () => {
  const retries = { attempts: 3, firstMs: 1, maxMs: 1 };
  const contexts: EventContext[] = [];
  beforeEach(() => contexts.splice(0));

  const handle = (handler: EventHandler, options: { value?: unknown; signal?: AbortSignal } = {}) =>
    handleMessage(
      message(options.value),
      new Map([
        [
          "user.updated.v1",
          (received, context) => {
            contexts.push(context);
            return handler(received, context);
          },
        ],
      ]),
      { isReplay: false, signal: options.signal ?? new AbortController().signal, retries },
    );

  it("calls the handler of the event's type once", async () => {
    const seen: unknown[] = [];
    const outcome = await handle(async (received) => void seen.push(received));
    assert.deepEqual([outcome, seen], [{ result: "handled" }, [event]]);
    assert.deepEqual(contexts[0], {
      signal: contexts[0].signal,
      ...{ topic: "user-events", partition: 2, offset: 17n, attempt: 1, isReplay: false },
    });
  });

  it("passes over events that no handler is for", async () => {
    const other = { ...event, type: "user.deleted.v1" };
    assert.deepEqual(await handle(() => assert.fail(), { value: other }), { result: "ignored" });
  });

  it("calls it again after an error", async () => {
    const outcome = await handle(async (_event, { attempt }) => {
      if (attempt < 3) {
        throw new Error("not yet");
      }
    });
    assert.deepEqual([outcome.result, contexts.length], ["handled", 3]);
  });

  it("gives up after the last attempt, with its error", async () => {
    const outcome = await handle(async (_event, { attempt }) => {
      throw new Error(`attempt ${attempt}`);
    });
    assert.deepEqual(outcome, { result: "failed", attempts: 3, error: new Error("attempt 3") });
  });

  it("gives up at once where trying again does not help", async () => {
    const error = new PermanentError("no such user");
    assert.deepEqual(await handle(() => Promise.reject(error)), {
      ...{ result: "failed", attempts: 1, error },
    });
    const outcome = await handle(() => assert.fail(), { value: "no event" });
    assert.deepEqual(
      outcome.result === "failed" && [outcome.attempts, (outcome.error as Error).name],
      [1, "EnvelopeError"],
    );
  });

  it("neither handles nor gives up when the consumer stops", async () => {
    const stopping = new AbortController();
    const outcome = await handle(
      async () => {
        stopping.abort();
        throw new Error("interrupted");
      },
      { signal: stopping.signal },
    );
    assert.deepEqual(outcome, { result: "stopped" });
  });
});

describe("The size of an event", () => {
  const limit = 1_048_576;
  const producer = new Producer(
    "user-service",
    { maxMessageBytes: limit, topicPrefix: "" } as KafkaLogin,
    {},
  );
  const sized = (length: number) => ({
    ...{ type: "user.updated.v1", subject: "42", data: "x".repeat(length) },
  });

  it("leaves room for the headers of its dead letter", async () => {
    producer.checkSize("user-events", sized(limit - 4_096 - 1_000));
    assert.throws(
      () => producer.checkSize("user-events", sized(limit - 4_096)),
      EventTooLargeError,
    );
    await assert.rejects(
      producer.publishAll("user-events", [sized(limit - 4_096)], { check: false }),
      /has \d+ bytes, and may have 1044480\./,
    );
    await assert.rejects(
      producer.publishAll("user-events", [sized(limit)], { check: false, leaveRoom: false }),
      /has \d+ bytes, and may have 1048576\./,
    );
    const error = new Error("\u20ac".repeat(2_000));
    const longest = "n".repeat(249);
    const { headers } = deadLetterOf({ ...message(), topic: longest }, longest, 8, error);
    const bytes = [...headers].flat().reduce((sum, text) => sum + Buffer.byteLength(text) + 5, 0);
    assert.ok(bytes > 3_000 && bytes < 4_096, `${bytes}`);
  });
});

describe("Lanes", () => {
  it("keep the order within a lane, and hold up no other", async () => {
    const lanes = new Lanes(10);
    const log: string[] = [];
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    await lanes.add("a", async () => {
      await gate;
      log.push("a1");
    });
    await lanes.add("a", async () => void log.push("a2"));
    await lanes.add("b", async () => void log.push("b1"));
    await nextTurn();
    assert.deepEqual(log, ["b1"]);
    open();
    await lanes.idle();
    assert.deepEqual(log, ["b1", "a1", "a2"]);
  });

  it("take no more work than the limit", async () => {
    const lanes = new Lanes(2);
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    await lanes.add("a", () => gate);
    let isTaken = false;
    const second = lanes.add("b", () => gate).then(() => (isTaken = true));
    await nextTurn();
    assert.equal(isTaken, false);
    open();
    await second;
  });
});

describe("The queue of a producer", () => {
  const sent: Batch<string>[] = [];
  beforeEach(() => sent.splice(0));

  const queue = new SendQueue<string>(async (batch) => {
    await nextTurn();
    if (batch.messages.includes("bad")) {
      throw new Error("refused");
    }
    sent.push(batch);
  }, 100);
  const sized = (messages: string[], bytes = 10) => messages.map((message) => ({ message, bytes }));

  it("sends what is given at the same time together, and in order", async () => {
    await Promise.all([queue.add("t", sized(["1"])), queue.add("t", sized(["2", "3"]))]);
    assert.deepEqual(sent, [{ topic: "t", messages: ["1", "2", "3"] }]);
  });

  it("sends one batch after another, each for one topic and within the limit", async () => {
    await Promise.all([
      queue.add("t", sized(["1", "2"], 60)),
      queue.add("u", sized(["3"])),
      queue.add("t", sized(["4"])),
      queue.add("t", sized(["too large"], 500)),
    ]);
    assert.deepEqual(
      sent.map(({ topic, messages }) => [topic, ...messages]),
      [
        ["t", "1"],
        ["t", "2"],
        ["u", "3"],
        ["t", "4"],
        ["t", "too large"],
      ],
    );
  });

  it("reports an error to those whose messages were in the batch, and goes on", async () => {
    const results = await Promise.allSettled([
      queue.add("t", sized(["bad"])),
      queue.add("u", sized(["good"])),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "fulfilled"],
    );
    await queue.add("t", sized(["later"]));
    assert.deepEqual(
      sent.map(({ messages }) => messages),
      [["good"], ["later"]],
    );
  });

  it("is idle when all is sent", async () => {
    void queue.add("t", sized(["1"]));
    await queue.idle();
    assert.equal(sent.length, 1);
  });
});
