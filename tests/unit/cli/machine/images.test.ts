import assert from "node:assert/strict";

import { FaultError } from "../../../../cli/fault";
import { ensureImages, type NeededImage } from "../../../../cli/machine/images";
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

  it("that Docker holds are neither pulled nor spoken of", async () => {
    const script = dockerWith({ "postgres:16": "", "redis:7": "" }, true);
    const calls = await withDocker(script, () => ensureImages(needed, "auto", unheard));
    assert.deepStrictEqual(
      calls.filter((call) => !call.startsWith("image inspect ")),
      [],
    );
  });

  it("that are missing are pulled, aloud, and no others", async () => {
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

  it("that cannot be pulled are all told, each with the reason, where building is not wanted", async () => {
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
    assert.deepStrictEqual(
      calls.filter((call) => call.startsWith("pull ")),
      ["pull -q postgres:16", "pull -q redis:7"],
    );
  });

  it("that stand in for others are called so, aloud", async () => {
    const said: string[] = [];
    const script = dockerWith({ "postgres:16": "", "redis:7": "Redis 7 of Debian" }, true);
    const calls = await withDocker(script, () =>
      ensureImages(needed, "auto", (line) => said.push(line)),
    );
    assert.deepStrictEqual(said, ["Stand-in: redis:7 is Redis 7 of Debian."]);
    // The recipe of what was built here is looked at, and of nothing else.
    assert.deepStrictEqual(
      calls
        .filter((call) => call.includes("learning-platform.recipe"))
        .map((call) => call.split(" ").pop()),
      ["redis:7"],
    );
  });

  it("that stand in for others are refused where none is wanted, each with the command that removes it", async () => {
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
    // Told, not done: a person may still want the image.
    assert.deepStrictEqual(
      calls.filter((call) => !call.startsWith("image inspect ")),
      [],
    );
  });

  it("that are the real ones are taken where no stand-in is wanted", async () => {
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
    it(`that ${isNetwork ? "no network brings" : "a registry refuses"} are ${isNetwork ? "built where they are the defaults" : "told, never built"}: ${reason}`, async () => {
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

  it("that the stack names itself are never built in their place", async () => {
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
