import assert from "node:assert/strict";

import { FaultError } from "../../../../cli/fault";
import { messageJson, messageLine } from "../../../../cli/topics/message-lines";
import { topicFault } from "../../../../cli/topics/topic-fault";

const MESSAGE = {
  ...{ partition: 2, offset: "41", timestampMs: Date.UTC(2026, 10, 27, 8) },
  ...{ key: "k", value: '{"a":1}', headers: { type: "user.deleted.v1" } },
};

describe("a message of a topic", () => {
  it("is one line, with its place and its headers", () => {
    assert.equal(
      messageLine(MESSAGE),
      '2026-11-27T08:00:00.000Z 2:41 k {"a":1} type=user.deleted.v1',
    );
    assert.equal(
      messageLine({ ...MESSAGE, key: null, value: null, headers: {} }),
      "2026-11-27T08:00:00.000Z 2:41 - (no value)",
    );
  });

  it("is one line of JSON with the same", () => {
    assert.deepEqual(JSON.parse(messageJson(MESSAGE)), {
      ...{ partition: 2, offset: "41", time: "2026-11-27T08:00:00.000Z" },
      ...{ key: "k", value: '{"a":1}', headers: { type: "user.deleted.v1" } },
    });
  });
});

describe("what a broker refuses", () => {
  const refused = { user: "user-service", topic: "payment-events" };
  const typed = (type: string) => Object.assign(new Error("no"), { type });

  it("names the user and the topic, wherever KafkaJS put the broker's error", () => {
    const denied = typed("TOPIC_AUTHORIZATION_FAILED");
    for (const error of [
      denied,
      new Error("wrapped", { cause: denied }),
      Object.assign(new Error("several"), { errors: [denied] }),
    ]) {
      const found = topicFault(error, refused);
      assert.ok(found instanceof FaultError);
      assert.match(found.message, /user-service may not do that on payment-events/);
    }
    assert.match(topicFault(typed("UNKNOWN_TOPIC_OR_PARTITION"), refused).message, /topic -- list/);
  });

  it("stays an unexpected error where nobody knows it", () => {
    const error = typed("CORRUPT_MESSAGE");
    assert.equal(topicFault(error, refused), error);
  });
});
