import assert from "node:assert/strict";

import { FaultError } from "../../../../cli/fault";
import { ensureImages, type NeededImage, unobtainable } from "../../../../cli/machine/images";
import { defaultImages } from "../../../../cli/stack/settings";
import { withDocker } from "../support/environment";

const unheard = (line: string) => assert.fail(`said: ${line}`);

describe("images", () => {
  const needed: NeededImage[] = [
    { kind: "postgres", name: "postgres:16" },
    { kind: "redis", name: "redis:7" },
  ];

  /**
   * A Docker that holds these images, each with the label of a stand-in or "", and can pull or not. None has
   * the label of a recipe, so that the script that builds them leaves them alone.
   */
  function dockerWith(held: Record<string, string>, canPull: boolean): string {
    const entry = (standIn: string) =>
      JSON.stringify({
        Config: { Labels: standIn ? { "learning-platform.stand-in": standIn } : null },
      });
    const cases = Object.entries(held).map(
      ([name, standIn]) => `${name}) one='${entry(standIn)}';;`,
    );
    return `
      case "$1" in
      pull)
        ${canPull ? "touch" : `echo "no route to host for $3" >&2; exit 1; :`} "$0.$3";;
      image)
        shift 2; all=; status=0
        [ "$1" != --format ] || exit 0
        for name; do
          case "$name" in
          ${cases.join("\n")}
          *) if [ -e "$0.$name" ]; then one='${entry("")}'; else status=1; continue; fi;;
          esac
          all="$all\${all:+,}$one"
        done
        echo "[$all]"; exit $status;;
      esac`;
  }

  it("that are present are neither pulled nor mentioned", async () => {
    const script = dockerWith({ "postgres:16": "", "redis:7": "" }, true);
    const calls = await withDocker(script, () => ensureImages(needed, "auto", unheard));
    assert.deepStrictEqual(
      calls.filter((call) => !call.startsWith("image inspect ")),
      [],
    );
  });

  it("that are missing are pulled with a message, and no others", async () => {
    const said: string[] = [];
    const calls = await withDocker(dockerWith({ "postgres:16": "" }, true), () =>
      ensureImages(needed, "auto", (line) => said.push(line)),
    );
    assert.deepStrictEqual(
      calls.filter((call) => !call.startsWith("image inspect ")),
      ["pull -q redis:7"],
    );
    assert.deepStrictEqual(said, ["Pulling redis:7 ..."]);
  });

  it("that cannot be pulled are all reported with their reasons where --offline is never", async () => {
    const calls = await withDocker(dockerWith({}, false), async () => {
      await assert.rejects(
        ensureImages(needed, "never", () => undefined),
        (error) => {
          assert.ok(error instanceof FaultError);
          assert.deepStrictEqual(error.faults, [
            "The image postgres:16 could not be pulled: no route to host for postgres:16",
            "The image redis:7 could not be pulled: no route to host for redis:7",
          ]);
          return true;
        },
      );
    });
    // Side by side, in no order.
    assert.deepStrictEqual(calls.filter((call) => call.startsWith("pull ")).sort(), [
      "pull -q postgres:16",
      "pull -q redis:7",
    ]);
  });

  it("that cannot be built are asked for, and say whether the network keeps them away", async () => {
    const grafana: NeededImage = { kind: "grafana", name: "grafana/grafana:12.2.0" };
    const all = [...needed, grafana];
    const reason = "no route to host for grafana/grafana:12.2.0";
    const asked = (canPull: boolean, offline: "auto" | "always") => async () => {
      const found = await unobtainable(all, offline, () => undefined);
      assert.deepStrictEqual(
        found.map((one) => [one.kind, one.reason]),
        canPull ? [] : [["grafana", offline === "always" ? "as configured" : reason]],
      );
    };
    const pulls = (calls: string[]) => calls.filter((call) => call.startsWith("pull "));
    const calls = await withDocker(dockerWith({}, false), asked(false, "auto"));
    assert.deepStrictEqual(pulls(calls), ["pull -q grafana/grafana:12.2.0"]);
    assert.deepStrictEqual(
      pulls(await withDocker(dockerWith({}, false), asked(false, "always"))),
      [],
    );
    await withDocker(dockerWith({}, true), asked(true, "auto"));
  });

  it("that cannot be built are not, and the message says how a stack does without them", async () => {
    const name = [...defaultImages()].map(String).find((image) => image.includes("grafana"));
    const grafana: NeededImage = { kind: "grafana", name: name! };
    await withDocker(dockerWith({}, false), async () => {
      await assert.rejects(
        ensureImages([grafana], "auto", () => undefined),
        /cannot be built from packages: set learning-platform:grafana to false to leave it out/,
      );
    });
  });

  it("that are stand-ins are named as such", async () => {
    const said: string[] = [];
    const script = dockerWith({ "postgres:16": "", "redis:7": "Redis 7 of Debian" }, true);
    const calls = await withDocker(script, () =>
      ensureImages(needed, "auto", (line) => said.push(line)),
    );
    assert.deepStrictEqual(said, ["Stand-in: redis:7 is Redis 7 of Debian."]);
    // Only the recipe of what was built here is read.
    assert.deepStrictEqual(
      calls
        .filter((call) => call.includes("learning-platform.recipe"))
        .map((call) => call.split(" ").pop()),
      ["redis:7"],
    );
  });

  it("that are stand-ins are refused where --offline is never, each with the command that removes it", async () => {
    const said: string[] = [];
    const script = dockerWith({ "postgres:16": "PostgreSQL 16 of npm", "redis:7": "Redis" }, true);
    const calls = await withDocker(script, () =>
      assert.rejects(
        ensureImages(needed, "never", (line) => said.push(line)),
        (error) => {
          assert.ok(error instanceof FaultError);
          assert.deepStrictEqual(
            error.faults,
            ["postgres:16", "redis:7"].map(
              (name) =>
                `The image ${name} is a stand-in. Remove it to have the real one pulled: docker image rm ${name}`,
            ),
          );
          return true;
        },
      ),
    );
    assert.deepStrictEqual(said, [
      "Stand-in: postgres:16 is PostgreSQL 16 of npm.",
      "Stand-in: redis:7 is Redis.",
    ]);
    // The command is shown but not run: a person may still want the image.
    assert.deepStrictEqual(
      calls.filter((call) => !call.startsWith("image inspect ")),
      [],
    );
  });

  it("that are not stand-ins are accepted where --offline is never", async () => {
    const script = dockerWith({ "postgres:16": "", "redis:7": "" }, false);
    await withDocker(script, () => ensureImages(needed, "never", unheard));
  });

  const answers: [reason: string, isNetwork: boolean][] = [
    // As Docker 20.10 says it of a local registry that answers 404, 429, 403 and 500.
    ["Error response from daemon: manifest unknown", false],
    ["Error response from daemon: toomanyrequests: rate limit exceeded", false],
    ["Error response from daemon: denied", false],
    [
      "Error response from daemon: received unexpected HTTP status: 500 Internal Server Error",
      false,
    ],
    ['Error response from daemon: Get "https://r/v2/": dial tcp: lookup r: no such host', true],
    ['Error response from daemon: Get "https://r/v2/": dial tcp 1.2.3.4:443: i/o timeout', true],
    ['Error response from daemon: Get "http://r/v2/": dial tcp: connect: connection refused', true],
    [
      'Error response from daemon: Get "https://r/v2/": x509: certificate signed by unknown authority',
      true,
    ],
    ['Error response from daemon: Get "https://r/v2/": proxyconnect tcp: dial tcp: EOF', true],
    ['Error response from daemon: Get "https://r/v2/": Forbidden', true],
  ];
  for (const [reason, isNetwork] of answers) {
    it(`that ${isNetwork ? "the network does not deliver" : "a registry refuses"} are ${isNetwork ? "built if they are the defaults" : "reported and never built"}: ${reason}`, async () => {
      const script = `case "$1" in pull) echo '${reason}' >&2; exit 1;; esac; exit 1`;
      const said: string[] = [];
      const image: NeededImage[] = [{ kind: "redis", name: "redis:7.4-alpine" }];
      await withDocker(script, () =>
        assert.rejects(
          ensureImages(image, "auto", (line) => said.push(line)),
          (error: Error) =>
            isNetwork
              ? /could neither be pulled nor built/.test(error.message)
              : error.message.includes(`redis:7.4-alpine could not be pulled: ${reason}. Check`),
        ),
      );
      assert.strictEqual(
        said.some((line) => line.startsWith("Offline: ")),
        isNetwork,
      );
    });
  }

  it("that the stack's configuration names are never built", async () => {
    const script = `case "$1" in pull) echo 'dial tcp: lookup r: no such host' >&2;; esac; exit 1`;
    const image: NeededImage[] = [{ kind: "redis", name: "redis:7.4-alpin" }];
    for (const offline of ["auto", "always"] as const) {
      await withDocker(script, () =>
        assert.rejects(
          ensureImages(image, offline, () => undefined),
          /The image redis:7.4-alpin could not be pulled/,
        ),
      );
    }
  });
});
