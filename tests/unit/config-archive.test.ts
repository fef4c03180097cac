import assert from "node:assert/strict";

import { readWalArchive, type WalArchive } from "../../config-archive";
import { type Settings, UNKNOWN_SECRET } from "../../config-schema";

const WRITTEN = {
  ...{ destination: "s3://bucket/prefix", region: "us-east-1", accessKeyId: "id" },
  ...{ everyHours: 24, keepDays: 14, queueMb: 10_240 },
};
const SECRET_VARIABLE = "LEARNING_PLATFORM_WAL_ARCHIVE_SECRET_ACCESS_KEY";

const read = (
  more: Partial<WalArchive> = {},
  settings: Partial<Settings> = {},
  environment: Record<string, string> = {},
  isSecret = false,
) =>
  readWalArchive(
    { ...settings, walArchive: { ...WRITTEN, ...more } },
    { isSecret: () => isSecret, environment },
  );

describe("the key walArchive", () => {
  it("is nothing where it is not set", () => {
    assert.deepEqual(readWalArchive({}, { isSecret: () => false, environment: {} }), {
      problems: [],
    });
  });

  it("takes the secret from the environment, or encrypted from the file", () => {
    for (const { archive, problems } of [
      read({}, {}, { [SECRET_VARIABLE]: "s" }),
      read({ secretAccessKey: "s" }, {}, {}, true),
    ]) {
      assert.deepEqual(problems, []);
      assert.deepEqual(archive, { ...WRITTEN, secretAccessKey: "s" });
    }
    assert.deepEqual(read({ secretAccessKey: UNKNOWN_SECRET }).problems, []);
  });

  const REFUSED: [title: string, Parameters<typeof read>, key: string, reason: RegExp][] = [
    ["a missing secret", [], "walArchive.secretAccessKey", /is missing. Set the variable LEARNING/],
    [
      "a secret in clear",
      [{ secretAccessKey: "s" }],
      "walArchive.secretAccessKey",
      /must be encrypted/,
    ],
    [
      "a server that exists",
      [{}, { postgresServer: {} as Settings["postgresServer"] }, { [SECRET_VARIABLE]: "s" }],
      "walArchive",
      /has no effect on postgresServer/,
    ],
    [
      "data that does not wait for the disk",
      [{}, { fsync: false }, { [SECRET_VARIABLE]: "s" }],
      "fsync",
      /must be true with walArchive/,
    ],
  ];
  for (const [title, args, key, reason] of REFUSED) {
    it(`refuses ${title}, by name`, () => {
      const { archive, problems } = read(...args);
      assert.equal(archive, undefined);
      assert.deepEqual(
        problems.map((one) => one.key),
        [key],
      );
      assert.match(problems[0].reason, reason);
      assert.doesNotMatch(problems[0].reason, /"s"/);
    });
  }
});
