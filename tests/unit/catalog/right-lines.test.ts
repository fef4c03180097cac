import assert from "node:assert/strict";

import { parseRight, type Right, rightLine } from "../../../catalog/right-lines";

const right = (
  operation: string,
  resourceType: Right["resourceType"],
  resourceName: string,
  pattern: Right["pattern"] = "Literal",
): Right => ({ operation, resourceType, resourceName, pattern });

describe("a right as a line", () => {
  const lines: [line: string, right: Right][] = [
    ["Write topic user-events", right("Write", "Topic", "user-events")],
    ["Read group user-service.*", right("Read", "Group", "user-service.", "Prefixed")],
    ["Read topic *", right("Read", "Topic", "*")],
    ["DescribeConfigs cluster kafka-cluster", right("DescribeConfigs", "Cluster", "kafka-cluster")],
    ["Write transactional id pay.*", right("Write", "TransactionalId", "pay.", "Prefixed")],
    // Names of groups and ids may hold anything: none of these is taken for another.
    ['Read group "user-service.*"', right("Read", "Group", "user-service.*")],
    ['Read group "*"*', right("Read", "Group", "*", "Prefixed")],
    ['Read group "two words"*', right("Read", "Group", "two words", "Prefixed")],
    ['Read group "say \\"x\\""', right("Read", "Group", 'say "x"')],
    ['Read group "\\"*\\""', right("Read", "Group", '"*"')],
  ];
  for (const [line, of] of lines) {
    it(`reads ${line}`, () => {
      assert.strictEqual(rightLine(of), line);
      assert.deepStrictEqual(parseRight(line), of);
    });
  }

  for (const line of [
    "",
    "Read",
    "Read topic",
    "Read topic ",
    "read topic x",
    "Read topics x",
    "Read topic two words",
    'Read topic "x"',
    'Read topic "x',
    "Read topic **",
    " Read topic x",
    "Read topic x ",
  ]) {
    it(`rejects ${JSON.stringify(line)}`, () => {
      assert.throws(() => parseRight(line), /is not a right/);
    });
  }
});
