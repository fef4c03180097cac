import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";

import type { ContainerState } from "../../../../cli/machine/docker";
import type { PlannedContainer } from "../../../../cli/plan/plan";
import {
  foreignUserFaults,
  leftoverFaults,
  memoryFaults,
  occupationFaults,
  type UsedObject,
} from "../../../../cli/preflight/preflight";
import { closedPort } from "../../support/ports";

const NAME = "lp-postgres";

/** A container that is made for the first time, and one that takes the place of its namesake. */
const first = (port: number, name = NAME): PlannedContainer => ({
  name,
  ports: [port],
});
const inPlace = (...ports: number[]): PlannedContainer => ({ name: NAME, replaces: NAME, ports });

const running = (name: string, ...ports: number[]): ContainerState => ({
  name,
  health: "healthy",
  labels: {},
  ports,
});

function listening(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: 0 }, () =>
      resolve({ server, port: (server.address() as AddressInfo).port }),
    );
  });
}

const closed = (server: Server) => new Promise((resolve) => server.close(resolve));

async function whileListening<T>(host: string, act: (port: number) => Promise<T>): Promise<T> {
  const { server, port } = await listening(host);
  try {
    return await act(port);
  } finally {
    await closed(server);
  }
}

const onFreePort = async (act: (port: number) => Promise<void>) => act(await closedPort());

describe("the memory that containers need", () => {
  it("is enough where it holds their limits and 512 MiB of the system's", () => {
    assert.deepStrictEqual(memoryFaults(2_240, 2_752), []);
  });

  it("is told with what there is and which keys lower it, where it is not enough", () => {
    const [fault, ...others] = memoryFaults(2_240, 2_751);
    assert.deepStrictEqual(others, []);
    assert.match(fault, /need 2752 MiB, Docker has 2751 MiB/);
    for (const key of ["redpanda", "postgres", "redis", "console"]) {
      assert.match(fault, new RegExp(`:${key}MemoryMb`));
    }
  });
});

describe("a place that is to be free on the host", () => {
  it("is no fault where no one holds it", () =>
    onFreePort(async (port) => {
      assert.deepStrictEqual(await occupationFaults([first(port)], []), []);
    }));

  it("is left free again once it was looked at", () =>
    onFreePort(async (port) => {
      await occupationFaults([first(port)], []);
      assert.deepStrictEqual(await occupationFaults([first(port)], []), []);
    }));

  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    it(`names the process that listens on ${host}`, function () {
      if (process.platform !== "linux") {
        this.skip();
      }
      return whileListening(host, async (port) => {
        const [fault, ...others] = await occupationFaults([first(port)], []);
        const self = readFileSync("/proc/self/comm", "utf8").trim();
        assert.deepStrictEqual(others, []);
        assert.ok(
          fault.startsWith(
            `Port ${port}, for ${NAME}, is held by the process ${self} (${process.pid}).`,
          ),
          fault,
        );
        assert.match(fault, /set another port/);
      });
    });
  }

  it("names the container that publishes it", () =>
    whileListening("127.0.0.1", async (port) => {
      const existing = [running("another", port + 1), running("someones-postgres", 1, port)];
      const [fault] = await occupationFaults([first(port)], existing);
      assert.match(
        fault,
        /^Port \d+, for lp-postgres, is held by the container someones-postgres\./,
      );
    }));

  it("names a container of the same name, with the command that removes it", () =>
    onFreePort(async (port) => {
      const existing = [{ name: NAME, health: "exited", labels: {}, ports: [] }];
      const [fault, ...others] = await occupationFaults([first(port)], existing);
      assert.deepStrictEqual(others, []);
      assert.match(fault, /^A container lp-postgres exists that this stack does not know/);
      assert.match(fault, /docker rm -f lp-postgres/);
    }));

  it("is told for every container and port at once", () =>
    whileListening("127.0.0.1", (one) =>
      whileListening("127.0.0.1", async (two) => {
        const faults = await occupationFaults(
          [first(one), first(two, "lp-redis")],
          [{ name: "lp-redis", health: "exited", labels: {}, ports: [] }],
        );
        assert.deepStrictEqual(
          faults.map((fault) => fault.split(/[ ,]/).slice(0, 3).join(" ")),
          [`Port ${one} `, "A container lp-redis", `Port ${two} `],
        );
      }),
    ));

  it("frees neither name nor port of a namesake that the stack does not replace", () =>
    whileListening("127.0.0.1", async (port) => {
      const faults = await occupationFaults([first(port)], [running(NAME, port)]);
      assert.strictEqual(faults.length, 2, faults.join("\n"));
      assert.match(faults[0], /^A container lp-postgres exists that this stack does not know/);
      assert.match(faults[1], /^Port \d+, for lp-postgres, is held by the container lp-postgres\./);
    }));
});

describe("volumes and networks that are to be made", () => {
  const planned = { volumes: ["lp-postgres-data", "lp-redis-data"], networks: ["lp-network"] };

  it("are no fault where none of their names is taken", () => {
    const existing = { volumes: ["someones", "lp-postgres-data-2"], networks: ["bridge", "host"] };
    assert.deepStrictEqual(leftoverFaults(planned, existing), []);
  });

  it("are all told where their names are taken, each with the command that removes what is there", () => {
    const existing = {
      volumes: ["lp-redis-data", "someones", "lp-postgres-data"],
      networks: ["lp-network"],
    };
    const told = (kind: string, name: string) =>
      `A ${kind} ${name} exists that this stack does not know, perhaps left by an interrupted run. ` +
      `Remove it if nobody needs it: docker ${kind} rm ${name}`;
    assert.deepStrictEqual(leftoverFaults(planned, existing), [
      told("volume", "lp-postgres-data"),
      told("volume", "lp-redis-data"),
      told("network", "lp-network"),
    ]);
  });

  it("do not stand in the way of the other kind", () => {
    const existing = { volumes: planned.networks, networks: planned.volumes };
    assert.deepStrictEqual(leftoverFaults(planned, existing), []);
  });
});

describe("the place of a container that is replaced", () => {
  it("is free for the next one: its name, and the ports that it holds", () =>
    whileListening("127.0.0.1", (one) =>
      whileListening("127.0.0.1", async (two) => {
        const existing = [running("another", 1), running(NAME, one, two)];
        assert.deepStrictEqual(await occupationFaults([inPlace(one, two)], existing), []);
      }),
    ));

  it("takes a new port that nobody holds", () =>
    whileListening("127.0.0.1", (own) =>
      onFreePort(async (port) => {
        assert.deepStrictEqual(await occupationFaults([inPlace(port)], [running(NAME, own)]), []);
      }),
    ));

  const holders: [title: string, others: (port: number) => ContainerState[], held: string][] = [
    ["a container that stays", (port) => [running("lp-redis", port)], "the container lp-redis."],
    ["a process", () => [], "the process "],
  ];
  for (const [title, others, held] of holders) {
    it(`is refused a new port that is held by ${title}`, function () {
      if (held.startsWith("the process") && process.platform !== "linux") {
        this.skip();
      }
      return whileListening("127.0.0.1", (own) =>
        whileListening("127.0.0.1", async (port) => {
          const existing = [running(NAME, own), ...others(port)];
          const faults = await occupationFaults([inPlace(own, port)], existing);
          assert.strictEqual(faults.length, 1, faults.join("\n"));
          const [fault] = faults;
          assert.ok(fault.startsWith(`Port ${port}, for ${NAME}, is held by ${held}`), fault);
        }),
      );
    });
  }

  it("has no port free of a container that is gone: whoever holds one is someone else", () =>
    whileListening("127.0.0.1", async (port) => {
      const [fault, ...others] = await occupationFaults([inPlace(port)], []);
      assert.deepStrictEqual(others, []);
      assert.ok(fault.startsWith(`Port ${port}, for ${NAME}, is held by `), fault);
    }));
});

describe("a teardown", () => {
  const own = ["lp-postgres", "lp-redis"];

  it("may remove what the stack's own containers use alone", () => {
    const used: UsedObject[] = [
      { kind: "volume", name: "lp-postgres-data", users: ["lp-postgres"] },
      { kind: "network", name: "lp-network", users: own },
    ];
    assert.deepStrictEqual(foreignUserFaults(used, own), []);
  });

  it("is refused with the name of each foreign container on a volume or network", () => {
    const faults = foreignUserFaults(
      [
        { kind: "volume", name: "lp-postgres-data", users: ["lp-postgres", "backup"] },
        { kind: "network", name: "lp-network", users: [...own, "backup", "toolbox"] },
      ],
      own,
    );
    assert.deepStrictEqual(faults, [
      "The container backup uses the volume lp-postgres-data, which down would remove. " +
        "Remove it (docker rm -f backup) first.",
      ...["backup", "toolbox"].map(
        (name) =>
          `The container ${name} uses the network lp-network, which down would remove. ` +
          `Remove it (docker rm -f ${name}) or take it off the network (docker network disconnect lp-network ${name}).`,
      ),
    ]);
  });
});
