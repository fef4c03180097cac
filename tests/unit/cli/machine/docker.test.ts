import assert from "node:assert/strict";

import { FaultError } from "../../../../cli/fault";
import {
  containerLog,
  containersOn,
  type DockerKind,
  dockerMemoryMb,
  type DockerObject,
  ensureDocker,
  inspectObject,
  listContainers,
  listNames,
  memoryLimitNote,
} from "../../../../cli/machine/docker";
import { ensureImages, type NeededImage } from "../../../../cli/machine/images";
import { withDocker, withEnvironment } from "../support/environment";

const unheard = (line: string) => assert.fail(`said: ${line}`);

describe("the Docker Engine", () => {
  it("is taken without a word where it answers", async () => {
    await withDocker("echo 20.10.24", async () => {
      assert.strictEqual(await ensureDocker(unheard), undefined);
    });
  });

  it("is missed with the engine's reason and what to do, and none is installed beside the one of DOCKER_HOST", async () => {
    await withDocker("echo 'Cannot connect to tcp://there:2375' >&2; exit 1", () =>
      withEnvironment({ DOCKER_HOST: "tcp://there:2375" }, async () => {
        const fault = (await ensureDocker(unheard)) ?? "";
        assert.match(fault, /^No Docker Engine answers \(Cannot connect to tcp:\/\/there:2375\)\./);
        assert.match(fault, /Start Docker, or point DOCKER_HOST at an engine on this machine\.$/);
      }),
    );
  });

  it("tells the memory of its machine", async () => {
    await withDocker("echo 2147483648", async () => {
      assert.strictEqual(await dockerMemoryMb(), 2_048);
    });
  });

  it("lists the containers that keep a volume or a network: stopped ones keep a volume alone", async () => {
    const calls = await withDocker("echo one; echo two", async () => {
      assert.deepStrictEqual(await containersOn("volume", "data"), ["one", "two"]);
      assert.deepStrictEqual(await containersOn("network", "net"), ["one", "two"]);
    });
    assert.deepStrictEqual(calls, [
      "ps --all --filter volume=data --format {{.Names}}",
      "ps --filter network=net --format {{.Names}}",
    ]);
  });

  it("is named where it takes memory limits and does not enforce them", async () => {
    await withDocker("echo true", async () => {
      assert.strictEqual(await memoryLimitNote(), undefined);
    });
    await withDocker("echo false", async () => {
      assert.match((await memoryLimitNote()) ?? "", /does not enforce memory limits/);
    });
  });

  // Written down from the documentation: moby docs/api/v1.41.yaml and v1.51.yaml, podman#11645 and #13720.
  const answers: [engine: string, answer: object][] = [
    [
      "API 1.41",
      {
        Name: "/lp-postgres",
        State: { Status: "running", Running: true, Health: { Status: "healthy", Log: [] } },
        NetworkSettings: {
          IPAddress: "172.17.0.4",
          Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "7000" }], "9/tcp": null },
        },
      },
    ],
    [
      "API 1.44 and later, with a start interval and without an address of its own",
      {
        Name: "/lp-postgres",
        State: { Status: "running", Running: true, Health: { Status: "healthy", Log: null } },
        Config: {
          Labels: null,
          Healthcheck: { Interval: 1_000_000_000, StartInterval: 1_000_000_000 },
        },
        NetworkSettings: {
          Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "7000" }] },
          Networks: { "lp-network": { DNSNames: ["lp-postgres"] } },
        },
      },
    ],
    [
      "Podman's command before 4.1",
      {
        Name: "lp-postgres",
        State: { Status: "running", Running: true, Healthcheck: { Status: "healthy", Log: null } },
        NetworkSettings: { Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "7000" }] } },
      },
    ],
  ];
  for (const [engine, answer] of answers) {
    it(`is read by ${engine}`, async () => {
      const inspected = [{ Config: { Labels: null }, ...answer }];
      await withDocker(
        `case "$1" in ps) echo one;; inspect) echo '${JSON.stringify(inspected)}';; esac`,
        async () => {
          assert.deepStrictEqual(await listContainers(), [
            { name: "lp-postgres", health: "healthy", labels: {}, ports: [7000] },
          ]);
        },
      );
    });
  }

  it("lists every container with its health, labels and published ports", async () => {
    const inspected = [
      {
        Name: "/lp-postgres",
        State: { Status: "running", Health: { Status: "healthy" } },
        Config: { Labels: { "learning-platform.stack": "dev" } },
        NetworkSettings: {
          Ports: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "7000" }], "9/tcp": null },
        },
      },
      {
        Name: "/someones",
        // As Docker tells it after a kill: the last word of the check stays.
        State: { Status: "exited", Health: { Status: "healthy" } },
        Config: { Labels: null },
        NetworkSettings: { Ports: null },
      },
    ];
    const script = `case "$1" in ps) echo one; echo two;; inspect) echo '${JSON.stringify(inspected)}';; esac`;
    const calls = await withDocker(script, async () => {
      assert.deepStrictEqual(await listContainers(), [
        {
          name: "lp-postgres",
          health: "healthy",
          labels: { "learning-platform.stack": "dev" },
          ports: [7000],
        },
        { name: "someones", health: "exited", labels: {}, ports: [] },
      ]);
    });
    assert.deepStrictEqual(calls, ["ps -aq", "inspect one two"]);
  });

  it("lists no container where there is none", async () => {
    await withDocker("", async () => assert.deepStrictEqual(await listContainers(), []));
  });

  const objects: [kind: DockerKind, described: object, expected: Partial<DockerObject>][] = [
    [
      "container",
      { Id: "77ab", Created: "2026-11-23T10:00:00Z", Config: { Labels: { a: "b" } } },
      { id: "77ab", labels: { a: "b" } },
    ],
    ["network", { Id: "8a1f", Created: "2026-11-23T10:00:00Z", Labels: {} }, { id: "8a1f" }],
    ["volume", { CreatedAt: "2026-11-23T10:00:00Z", Labels: null }, { id: "lp-data" }],
  ];
  for (const [kind, described, expected] of objects) {
    it(`finds a ${kind} by its name, with its labels and when it was made`, () =>
      withDocker(`echo '${JSON.stringify([described])}'`, async () =>
        assert.deepStrictEqual(await inspectObject(kind, "lp-data"), {
          kind,
          name: "lp-data",
          created: "2026-11-23T10:00:00Z",
          labels: {},
          ...expected,
        }),
      ).then((calls) => assert.deepStrictEqual(calls, [`${kind} inspect lp-data`])));
  }

  it("finds no object of a name that is not there", async () => {
    await withDocker("echo '[]'; exit 1", async () =>
      assert.strictEqual(await inspectObject("volume", "lp-data"), undefined),
    );
  });

  it("lists the names of volumes and networks, each kind apart", async () => {
    const script = `case "$1" in volume) echo lp-postgres-data; echo someones;; network) echo bridge;; esac`;
    const calls = await withDocker(script, async () => {
      assert.deepStrictEqual(await listNames(), {
        volumes: ["lp-postgres-data", "someones"],
        networks: ["bridge"],
      });
    });
    assert.deepStrictEqual(calls.sort(), [
      "network ls --format {{.Name}}",
      "volume ls --format {{.Name}}",
    ]);
  });

  it("lists no name where there is none", async () => {
    await withDocker("", async () =>
      assert.deepStrictEqual(await listNames(), { volumes: [], networks: [] }),
    );
  });

  it("tells the last lines that a container logged, on either stream", async () => {
    const calls = await withDocker("echo out; echo err >&2", async () => {
      assert.strictEqual(await containerLog("lp-postgres", 5), "out\nerr");
    });
    assert.deepStrictEqual(calls, ["logs --tail 5 lp-postgres"]);
  });
});

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
