import assert from "node:assert/strict";

import { aclsOf, rightsOf } from "../../../../components/kafka/kafka-acls";
import type { KafkaAcl } from "../../../../components/kafka/kafka-client";
import {
  change,
  check,
  diff,
  read,
  seen,
  undo,
  update,
} from "../../../../components/kafka/kafka-rights.provider";
import type { KafkaRightsInputs } from "../../../../components/kafka/kafka-rights-inputs";
import { FakeBroker } from "../../support/kafka";
import { closedPort } from "../../support/ports";

const inputs: KafkaRightsInputs = {
  bootstrapServers: "localhost:19092",
  adminUsername: "platform-admin",
  adminPassword: "one",
  principal: "user-service",
  rights: { "Read group user-service.*": "allow", "Write topic user-events": "allow" },
};

const acl = (more: Partial<KafkaAcl> = {}): KafkaAcl => ({
  principal: "User:user-service",
  host: "*",
  permission: "allow",
  operation: "Write",
  resourceType: "Topic",
  resourceName: "user-events",
  pattern: "Literal",
  ...more,
});
const ownGroup = acl({
  operation: "Read",
  resourceType: "Group",
  resourceName: "user-service.",
  pattern: "Prefixed",
});

describe("the plan of a user's rights on the broker", () => {
  it("does not change its inputs", async () => {
    assert.deepStrictEqual(await check({}, inputs), { inputs });
  });

  it("changes nothing if nothing differs, in any order of the rights", async () => {
    const rights = Object.fromEntries(Object.entries(inputs.rights).toReversed());
    for (const news of [{ ...inputs }, { ...inputs, rights }]) {
      assert.deepStrictEqual(await diff("id", inputs, news), {
        changes: false,
        replaces: [],
        deleteBeforeReplace: false,
      });
    }
  });

  const updates: [title: string, news: Partial<KafkaRightsInputs>][] = [
    ["one right more", { rights: { ...inputs.rights, "Read topic x": "allow" } }],
    ["one right less", { rights: { "Write topic user-events": "allow" } }],
    ["a denial in place of a right", { rights: { "Write topic user-events": "deny" } }],
    ["another administrator", { adminUsername: "root" }],
    ["a new password of the administrator", { adminPassword: "four" }],
    ["other authorities to trust", { trusted: "PEM" }],
    ["groups that are to go with them", { deletesGroups: true }],
    ["rights that others give the user as well", { atLeast: true }],
    ["a broker that answers elsewhere", { bootstrapServers: "localhost:29092" }],
  ];
  for (const [title, news] of updates) {
    it(`updates them in place for ${title}`, async () => {
      assert.deepStrictEqual(await diff("id", inputs, { ...inputs, ...news }), {
        changes: true,
        replaces: [],
        deleteBeforeReplace: false,
      });
    });
  }

  it("creates those of another user before it deletes the old one's", async () => {
    assert.deepStrictEqual(await diff("id", inputs, { ...inputs, principal: "other" }), {
      changes: true,
      replaces: ["principal"],
      deleteBeforeReplace: false,
    });
  });
});

describe("a user's rights on the broker", () => {
  it("become ACLs of the user from any host, and read back the same", () => {
    const acls = aclsOf(inputs.principal, inputs.rights);
    assert.deepStrictEqual(acls, [ownGroup, acl()]);
    assert.deepStrictEqual(rightsOf(acls.toReversed()), inputs.rights);
  });

  it("that somebody gave or denied by hand read back the same, from one host too", () => {
    const acls = [
      acl({ host: "10.0.0.1" }),
      acl({ permission: "deny", host: "fe80::1" }),
      acl({ permission: "deny" }),
    ];
    const rights = rightsOf(acls);
    assert.deepStrictEqual(rights, {
      "Write topic user-events": "allow from 10.0.0.1, deny, deny from fe80::1",
    });
    assert.deepStrictEqual(
      aclsOf("user-service", rights).sort((one, other) => (one.host < other.host ? -1 : 1)),
      acls.sort((one, other) => (one.host < other.host ? -1 : 1)),
    );
  });

  it("that are invalid are refused before anything is sent", () => {
    assert.throws(() => aclsOf("x", { "Write topic x": "perhaps" }), /neither allow nor deny/);
    assert.throws(() => aclsOf("x", { "Write everything": "allow" }), /is not a right/);
  });

  it("that are missing are created before those not wanted any more are deleted", async () => {
    const broker = new FakeBroker([acl({ operation: "Read" }), ownGroup]);
    await change(broker, inputs, aclsOf("user-service", { "Read topic user-events": "allow" }));
    assert.deepStrictEqual(broker.changes, [
      "+ User:user-service Write user-events",
      "- User:user-service Read user-events",
    ]);
  });

  it("do not touch ACLs that neither the program nor the state has, nor those of other users", async () => {
    const others = [acl({ principal: "User:*" }), acl({ operation: "Alter" })];
    const broker = new FakeBroker([...others]);
    await change(broker, inputs, aclsOf("user-service", inputs.rights));
    assert.deepStrictEqual(broker.held, [...others, ownGroup, acl()]);
  });

  it("after a refresh are those of the broker, with a note of those that were created", async () => {
    const broker = new FakeBroker([acl({ operation: "Alter" }), acl()]);
    const state = await seen(broker, inputs);
    assert.deepStrictEqual(state, {
      ...inputs,
      rights: { "Alter topic user-events": "allow", "Write topic user-events": "allow" },
      made: inputs.rights,
    });
    assert.strictEqual((await diff("id", state, inputs)).changes, true);
    assert.deepStrictEqual(await seen(broker, state), state);
    broker.held = [acl(), ownGroup];
    assert.deepStrictEqual(await seen(broker, state), inputs);
  });

  it("are deleted as far as they were created, if somebody gave the user more", async () => {
    const byHand = acl({ operation: "Alter" });
    const broker = new FakeBroker([byHand, acl(), ownGroup]);
    await undo(broker, await seen(broker, inputs));
    assert.deepStrictEqual(broker.held, [byHand]);
  });
});

describe("rights of a user to whom others give rights, too", () => {
  const shared = { ...inputs, atLeast: true } as const;
  const others = acl({ operation: "Read", resourceName: "pr-8-user-events" });

  it("do not differ after a refresh by what others gave", async () => {
    const broker = new FakeBroker([others, acl(), ownGroup]);
    assert.deepStrictEqual(await seen(broker, shared), shared);
  });

  it("differ where one of them is missing, and leave what others gave when they are mended", async () => {
    const broker = new FakeBroker([others, acl()]);
    const state = await seen(broker, shared);
    assert.deepStrictEqual(state.rights, { "Write topic user-events": "allow" });
    await change(broker, shared, aclsOf(shared.principal, state.rights));
    assert.deepStrictEqual(broker.held, [others, acl(), ownGroup]);
  });

  it("are deleted without what others gave", async () => {
    const broker = new FakeBroker([others, acl(), ownGroup]);
    await undo(broker, shared);
    assert.deepStrictEqual(broker.held, [others]);
  });
});

describe("consumer groups of a user whose rights are deleted", () => {
  const rights = {
    "Delete group pr-7-user-service": "allow",
    "Delete group pr-7-user-service.*": "allow",
    "Read group pr-7-content-service": "allow",
    "Delete topic pr-7-orders": "allow",
  };
  const groups = {
    "pr-7-user-service": 0,
    "pr-7-user-service.audit": 0,
    "pr-7-user-service.live": 2,
    "pr-7-user-service2": 0,
    "pr-7-content-service": 0,
    "pr-7-orders": 0,
    "user-service": 0,
  };

  it("go where the user may delete them; one with members stays, and is named", async () => {
    const broker = new FakeBroker([], {}, groups);
    const left = await undo(broker, { ...inputs, rights, deletesGroups: true });
    assert.deepStrictEqual(left, ["pr-7-user-service.live"]);
    assert.deepStrictEqual(broker.changes, [
      "- group pr-7-user-service",
      "- group pr-7-user-service.audit",
    ]);
  });

  it("stay where it is not stated that they go", async () => {
    const broker = new FakeBroker([], {}, groups);
    assert.deepStrictEqual(await undo(broker, { ...inputs, rights }), []);
    assert.deepStrictEqual(broker.changes, []);
  });
});

describe("rights on a broker that is stopped", function () {
  // The first to speak to a broker loads the client.
  this.timeout(10_000);

  for (const made of [undefined, { "Read topic x": "allow" }]) {
    it(`do not change in a refresh${made ? ", drifted" : ""}`, async () => {
      const bootstrapServers = `127.0.0.1:${await closedPort()}`;
      const before = { ...inputs, bootstrapServers, ...(made && { made }) };
      assert.deepStrictEqual(await read("id", before), { id: "id", props: before });
    });
  }

  it("are not updated, and the error names user and server but no password", async () => {
    const bootstrapServers = `127.0.0.1:${await closedPort()}`;
    const news = { ...inputs, bootstrapServers, adminPassword: "not-to-be-told" };
    await assert.rejects(update("id", inputs, news), (error: Error) => {
      assert.match(error.message, new RegExp(`^platform-admin@${bootstrapServers}: `));
      assert.doesNotMatch(error.message, /not-to-be-told/);
      return true;
    });
  });
});
