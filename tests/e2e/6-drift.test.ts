import assert from "node:assert/strict";

import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ResourcePatternTypes,
} from "kafkajs";

import { inDatabase, inRedis, inRegistry, onBroker, setRetention } from "./support/administrators";
import type { Checkout } from "./support/checkout";
import { withDatabase } from "./support/clients";
import { platform } from "./support/hooks";

const DATABASE = "content_service_db";

/** Changes by an administrator that should be in a migration. */
const byHand = (sql: string, database = DATABASE) => inDatabase(database, sql);

const migrations = (checkout: Checkout, ...args: string[]) => checkout.npm("migrations", args);

interface Status {
  database: string;
  state: string;
  applied: { name: string; checksum: string }[];
  drift: { object: string; state: string }[];
  rights: { object: string; state: string }[];
}

async function statusOf(checkout: Checkout): Promise<Status> {
  const { code, stdout } = await migrations(checkout, "status", DATABASE, "--json");
  assert.equal(code, 0);
  const [status] = JSON.parse(stdout) as Status[];
  return status;
}

describe("A change by hand in a database", () => {
  before(() =>
    byHand(`
      drop trigger content_feedback_rate_inserted on content_feedback;
      alter table content_tags drop constraint content_tags_confidence_score_check;
      create index by_hand_idx on generated_content (title);
      grant truncate on content_tags to content_service_app;
      grant content_service_owner to content_service_app;
      grant connect on database ${DATABASE} to user_service_app;`),
  );

  const objects = [
    "constraint content_tags_confidence_score_check on content_tags",
    "grant on table content_tags to content_service_app",
    "index by_hand_idx on generated_content",
    "membership of content_service_app in role content_service_owner",
    "trigger content_feedback_rate_inserted on content_feedback",
  ];

  it("is named by pulumi refresh, object by object", async () => {
    const { checkout } = platform();
    const { code, stdout } = await checkout.pulumi(
      "refresh",
      ...checkout.devFlags(),
      "--preview-only",
    );
    assert.equal(code, 0);
    for (const object of objects) {
      assert.ok(stdout.includes(`Changed by hand in ${DATABASE}: ${object} `), object);
    }
  });

  it("is named by npm run preview, with the next step, below the table of ledgers", async () => {
    const printed = await platform().checkout.npmOk("preview");
    assert.match(
      printed,
      /^ledger of +state +applied +pending +changed +missing +again +by hand$/m,
    );
    assert.match(printed, new RegExp(`^${DATABASE} +ready +\\d+ +0 +0 +0 +\\d+ +6$`, "m"));
    assert.match(
      printed,
      /^content_service_db: index by_hand_idx .* the database has "CREATE INDEX by_hand_idx ON .*"\. Accept it by a repair \(--accept-drift\), or drop it in a migration\.$/m,
    );
    assert.match(
      printed,
      /^content_service_db: grant on table content_tags .*: revoke all on table content_tags from content_service_app; grant DELETE, INSERT, SELECT, UPDATE on table content_tags to content_service_app\.$/m,
    );
    assert.match(
      printed,
      /^content_service_db: trigger content_feedback_rate_inserted .* The next up restores it/m,
    );
  });

  it("is repaired by up if repeatable files or the design say how, and is still reported otherwise", async () => {
    const { checkout } = platform();
    const printed = await checkout.npmOk("up");
    assert.match(printed, /sql\/content_service_db: repeatable\/02_triggers.sql applied/);
    assert.match(
      printed,
      /^  role content_service_app: roles is content_service_owner, should be empty$/m,
    );
    assert.match(
      printed,
      /^  database content_service_db: grant to user_service_app is CONNECT, should be empty$/m,
    );
    const may = "select has_database_privilege('user_service_app', current_database(), 'connect')";
    assert.deepEqual(await byHand(may), [{ has_database_privilege: false }]);
    const { drift, rights } = await statusOf(checkout);
    assert.deepEqual(
      drift.map(({ object }) => object),
      objects.filter((object) => !/^(trigger|grant|membership) /.test(object)),
    );
    assert.deepEqual(rights, []);
  });

  it("can be accepted, after it is shown and confirmed", async () => {
    const { checkout } = platform();
    const repair = ["repair", DATABASE, "--accept-drift"];
    const shown = await migrations(checkout, "repair", DATABASE);
    assert.match(shown.stdout, /--accept-drift: .*\n +constraint content_tags_confidence/);
    const refused = await migrations(checkout, ...repair);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /Nothing was changed: there is no terminal to confirm on\. Add --yes/,
    );
    assert.equal((await statusOf(checkout)).drift.length, 2);

    await byHand(`
      alter table content_tags add constraint content_tags_confidence_score_check
        check (confidence_score between 0 and 1)`);
    assert.equal((await migrations(checkout, ...repair, "--yes")).code, 0);
    assert.deepEqual((await statusOf(checkout)).drift, []);
    await byHand("drop index by_hand_idx");
    assert.deepEqual(
      (await statusOf(checkout)).drift.map(({ object, state }) => [object, state]),
      [["index by_hand_idx on generated_content", "missing"]],
    );
    assert.equal((await migrations(checkout, ...repair, "--yes")).code, 0);
  });
});

describe("A dropped database and a dropped role", () => {
  it("are recreated by up, with everything in them", async () => {
    const { checkout, outputs } = platform();
    await byHand(
      "drop owned by payment_service_readonly; drop role payment_service_readonly",
      "payment_service_db",
    );
    await byHand("drop database user_service_db with (force)", "postgres");
    const printed = await checkout.npmOk("up");
    assert.match(printed, /^  database user_service_db: missing, with its tables; up recreates/m);
    assert.match(printed, /^  role payment_service_readonly: missing$/m);
    const { url } = outputs.services["user-service"].database;
    const { rows } = await withDatabase(url, (client) => client.query("select from users"));
    assert.deepEqual(rows, []);
    const { url: reports } = outputs.services["payment-service"].databaseReadonly;
    await withDatabase(reports, (client) => client.query("select from invoices"));
  });
});

describe("A database that lost its ledger", () => {
  it("is adopted by a baseline, and up continues with it", async () => {
    const { checkout } = platform();
    const before = await statusOf(checkout);
    await byHand("drop schema migrations cascade");
    const adopted = await migrations(checkout, "baseline", DATABASE, "--yes");
    assert.equal(adopted.code, 0, adopted.stderr);
    assert.match(adopted.stdout, /would be recorded as applied, without being run/);
    const after = await statusOf(checkout);
    assert.deepEqual(
      after.applied.map(({ name, checksum }) => [name, checksum]),
      before.applied.map(({ name, checksum }) => [name, checksum]),
    );
    const printed = await checkout.npmOk("up");
    assert.match(printed, /sql\/content_service_db: repeatable\/01_functions.sql applied/);
    assert.doesNotMatch(printed, /0001_.* applied/);
    const again = await migrations(checkout, "baseline", DATABASE, "--yes");
    assert.equal(again.code, 1);
    assert.match(again.stderr, /- \S+ already has a ledger with \d+ versioned files/);
    assert.doesNotMatch(again.stderr, /^ +at /m);
  });
});

describe("A change by hand on the broker and in Redis", () => {
  /** A right on a topic. In the design, payment-service reads user-events and content-service does not write it. */
  const right = (principal: string, operation: AclOperationTypes) => ({
    resourceType: AclResourceTypes.TOPIC,
    resourceName: "user-events",
    resourcePatternType: ResourcePatternTypes.LITERAL,
    principal: `User:${principal}`,
    host: "*",
    operation,
    permissionType: AclPermissionTypes.ALLOW,
  });

  before(async () => {
    await onBroker(async (admin) => {
      await admin.deleteTopics({ topics: ["agent-events-dlq"] });
      await admin.deleteAcls({ filters: [right("payment-service", AclOperationTypes.READ)] });
      await admin.createAcls({ acl: [right("content-service", AclOperationTypes.WRITE)] });
    });
    await setRetention(1000);
    await inRegistry().deleteVersion("user-events-user.deleted.v1", 1);
    await inRegistry().setLevel("user-events-user.updated.v1", "NONE");
    await inRedis("redis", "ACL", "DELUSER", "user-service");
    await inRedis("redis", "ACL", "SETUSER", "content-service", "~payment-service:*");
  });

  const told = [
    "topic agent-events-dlq: missing, with its records; up recreates it empty",
    "topic user-events: retention.ms is 1000, should be 2592000000",
    "rights of payment-service: Read topic user-events is missing",
    "rights of content-service: Write topic user-events was added (allow)",
    "schema user-events-user.deleted.v1: missing",
    "schema user-events-user.updated.v1: compatibility is NONE, should be FORWARD_TRANSITIVE",
    "Redis user user-service at localhost:6379: missing",
    "Redis user content-service at localhost:6379: keys: ~payment-service:* was added",
  ];

  it("is named by a preview, which changes nothing", async () => {
    const printed = await platform().checkout.npmOk("preview");
    const lines = printed.split("\n").map((line) => line.trim());
    assert.ok(lines.includes("Drift that up fixes:"), printed);
    for (const sentence of told) {
      assert.ok(lines.includes(sentence), `${sentence} in\n${printed}`);
    }
    assert.match(printed, /^Plan for stack dev: \d+ unchanged$/m);
  });

  it("is repaired by one up", async () => {
    const { checkout } = platform();
    const printed = await checkout.npmOk("up");
    assert.match(printed, /^Plan for stack dev: 2 to create, 5 to update, \d+ unchanged$/m);
    await onBroker(async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: ["agent-events-dlq"] });
      assert.equal(topics[0].partitions.length, 1);
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          { type: ConfigResourceTypes.TOPIC, name: "user-events", configNames: ["retention.ms"] },
        ],
      });
      assert.equal(resources[0].configEntries[0].configValue, "2592000000");
      const held = async (...of: Parameters<typeof right>) =>
        (await admin.describeAcls(right(...of))).resources.length > 0;
      assert.equal(await held("payment-service", AclOperationTypes.READ), true);
      assert.equal(await held("content-service", AclOperationTypes.WRITE), false);
    });
    assert.notEqual(await inRedis("redis", "ACL", "GETUSER", "user-service"), null);
    assert.doesNotMatch(await checkout.npmOk("preview"), /Drift/);
  });
});
