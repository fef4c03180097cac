import assert from "node:assert/strict";

import { keepStackTracesShort } from "../../../runtime/stack-traces";

describe("short stack traces", () => {
  const { prepareStackTrace, stackTraceLimit } = Error;
  beforeEach(() => {
    Error.stackTraceLimit = 50;
    keepStackTracesShort();
  });
  afterEach(() => Object.assign(Error, { prepareStackTrace, stackTraceLimit }));

  /** The trace of an error that is thrown below so many calls. */
  const traceOf = (calls: number): string[] =>
    calls > 0 ? traceOf(calls - 1) : (new TypeError("no").stack ?? "").split("\n");

  it("name the error and its first frames", () => {
    const [message, first, ...others] = traceOf(20);
    assert.strictEqual(message, "TypeError: no");
    assert.match(first, /^ {4}at traceOf \(.*stack-traces\.test/);
    assert.strictEqual(others.length, 7);
  });

  it("are left out of the nameless errors with which the SDK asks where it is", () => {
    assert.strictEqual(new Error().stack, "Error");
  });
});
