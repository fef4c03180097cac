import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { createDisplay, type Display } from "../../../../cli/terminal/display";
import { Progress } from "../../../../cli/terminal/progress";
import { TYPES } from "../../support/mocks";
import { withEnvironment } from "../support/environment";
import { begins, ends, type Step } from "../support/events";

/** A stream that keeps what is written to it. */
function streamOf(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, columns: 80, rows: 24, write: (text: string) => written.push(text) > 0 };
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => written.join("") };
}

const show = (isTTY: boolean, env: { CI?: string }) =>
  withEnvironment({ CI: undefined, ...env }, () => {
    const { stream, text } = streamOf(isTTY);
    const display = createDisplay(stream);
    display.line("one");
    display.status("working");
    display.line("two");
    display.end();
    return text();
  });

describe("the display of progress", () => {
  it("has plain lines only in a pipe, and on a terminal of a CI job", async () => {
    assert.strictEqual(await show(false, {}), "one\ntwo\n");
    assert.strictEqual(await show(true, { CI: "true" }), "one\ntwo\n");
  });

  it("shows the status on a terminal, and erases it before the next line", async () => {
    const text = await show(true, {});
    const [before, after] = text.split("working\n");
    assert.ok(before.includes("one\n"), text);
    // The escape code that erases a line.
    assert.ok(after.slice(0, after.indexOf("two\n")).includes("\u001B[2K"), text);
  });

  it("says how far an update is and what it works on", async () => {
    const statuses: string[] = [];
    const display: Display = {
      ...{ line: () => undefined, end: () => undefined },
      status: (text) => statuses.push(text),
    };
    const container: Step = { op: "create", type: TYPES.container, name: "c", now: { name: "lp" } };
    const topic: Step = { op: "create", type: TYPES.topic, name: "t", now: { name: "events" } };
    const progress = new Progress([container, topic], display);
    [begins(container), begins(topic), ends(topic)].forEach(progress.onEvent);
    await sleep(700);
    progress.end();
    assert.match(statuses[0], /^1 of 2 changes: container lp \(\d s\)$/);
    const count = statuses.length;
    await sleep(700);
    assert.strictEqual(statuses.length, count, "the end stops it");
  });
});
