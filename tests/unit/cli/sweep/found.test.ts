import assert from "node:assert/strict";
import { hostname } from "node:os";

import { STATE } from "../../../../cli/paths";
import { findObjects, findOldImages } from "../../../../cli/sweep/found";
import { withDocker } from "../support/environment";

const PROJECT = { "learning-platform.project": "learning-platform" };
const labels = (more: Record<string, string>) => ({
  ...PROJECT,
  "learning-platform.stack": "pr-990",
  "learning-platform.expires": "2026-03-10T12:00:00Z",
  ...more,
});

/** A docker that has one container and one volume with these labels, and no network. */
const script = (container: object, volume: object) => `
case "$1 $2" in
  "ps --all") echo c1 ;;
  "volume ls") echo data ;;
  "container inspect") echo '${JSON.stringify([{ Id: "c1", Name: "/db", Config: { Labels: container } }])}' ;;
  "volume inspect") echo '${JSON.stringify([{ Name: "data", Labels: volume }])}' ;;
esac`;

describe("what is in Docker", () => {
  const find = async (container: object, volume: object) => {
    let found: Awaited<ReturnType<typeof findObjects>> = [];
    const calls = await withDocker(script(container, volume), async () => {
      found = await findObjects();
    });
    return { found, calls };
  };

  it("is asked for the project's labels alone", async () => {
    const { calls } = await find(labels({}), labels({}));
    for (const call of calls.filter((each) => / (--all|ls) /.test(each))) {
      assert.match(call, /--filter label=learning-platform\.project=learning-platform/);
      assert.match(call, /--filter label=learning-platform\.stack( |$)/);
    }
  });

  it("is grouped by stack and state", async () => {
    const own = labels({ "learning-platform.state": `${hostname()}:${STATE}` });
    const other = labels({ "learning-platform.state": `${hostname()}:/elsewhere` });
    const { found } = await find(own, other);
    const summary = found.map(({ stack, isOwn, hasState, objects }) => ({
      ...{ stack, isOwn, hasState, names: objects.map(({ kind, name }) => `${kind} ${name}`) },
    }));
    assert.deepStrictEqual(summary, [
      { stack: "pr-990", isOwn: true, hasState: false, names: ["container db"] },
      { stack: "pr-990", isOwn: false, hasState: false, names: ["volume data"] },
    ]);
  });

  it("does not say whether a state on another machine is there", async () => {
    const elsewhere = labels({ "learning-platform.state": `not-${hostname()}:${STATE}` });
    const { found } = await find(elsewhere, elsewhere);
    assert.deepStrictEqual(
      found.map(({ isOwn, hasState }) => [isOwn, hasState]),
      [[false, undefined]],
    );
  });

  it("has the end of its time, and is kept by a label on one object", async () => {
    const { found } = await find(labels({}), labels({ "learning-platform.keep": "true" }));
    const [{ expires, isKept }] = found;
    assert.strictEqual(expires?.toISOString(), "2026-03-10T12:00:00.000Z");
    assert.strictEqual(isKept, true);
  });
});

describe("old stand-in images", () => {
  it("are those that lost their name, but for what a container still runs", async () => {
    const images = `
case "$1 $2" in
  "images --quiet") echo sha256:used; echo sha256:unused ;;
  "ps --all") echo c1 ;;
  "container inspect") echo '[{ "Image": "sha256:used" }]' ;;
esac`;
    let found: string[] = [];
    const calls = await withDocker(images, async () => {
      found = await findOldImages();
    });
    assert.deepStrictEqual(found, ["sha256:unused"]);
    assert.match(calls.join("\n"), /dangling=true .*label=learning-platform\.stand-in$/m);
  });
});
