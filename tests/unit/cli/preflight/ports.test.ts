import assert from "node:assert/strict";

import type { ContainerState } from "../../../../cli/machine/docker";
import { portFaults } from "../../../../cli/preflight/ports";
import { closedPort, whileListening } from "../../support/ports";
import { plannedContainer, running } from "../support/docker";

const NAME = "lp-postgres";

const created = (port: number, name = NAME) => plannedContainer("create", name, port);
const replaced = (...ports: number[]) => plannedContainer("replace", NAME, ...ports);

const onFreePort = async (act: (port: number) => Promise<void>) => act(await closedPort());

describe("a port that a new container needs", () => {
  it("is accepted where it is free", () =>
    onFreePort(async (port) => {
      assert.deepStrictEqual(await portFaults([created(port)], []), []);
    }));

  it("is still free after it was checked", () =>
    onFreePort(async (port) => {
      await portFaults([created(port)], []);
      assert.deepStrictEqual(await portFaults([created(port)], []), []);
    }));

  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    it(`is refused where a process listens on ${host}, with the command that shows which`, () =>
      whileListening(host, async (port) => {
        assert.deepStrictEqual(await portFaults([created(port)], []), [
          `Port ${port}, which ${NAME} needs, is in use by a process (ss -ltnp "sport = :${port}" shows which). ` +
            "Stop that, or set another port for the stack (the *Port keys in Pulumi.yaml).",
        ]);
      }));
  }

  it("is refused with the name of the container that publishes it", () =>
    whileListening("127.0.0.1", async (port) => {
      const existing = [running("another", port + 1), running("other-postgres", 1, port)];
      const [fault] = await portFaults([created(port)], existing);
      assert.match(
        fault,
        /^Port \d+, which lp-postgres needs, is in use by the container other-postgres\./,
      );
    }));

  it("is refused for every container and port together", () =>
    whileListening("127.0.0.1", (one) =>
      whileListening("127.0.0.1", async (two) => {
        const faults = await portFaults([created(one), created(two, "lp-redis")], []);
        assert.deepStrictEqual(
          faults.map((fault) => fault.split(",").slice(0, 2).join()),
          [`Port ${one}, which ${NAME} needs`, `Port ${two}, which lp-redis needs`],
        );
      }),
    ));

  it("is not freed by a container of the same name that the stack does not replace", () =>
    whileListening("127.0.0.1", async (port) => {
      const [fault, ...others] = await portFaults([created(port)], [running(NAME, port)]);
      assert.deepStrictEqual(others, []);
      assert.match(fault, /is in use by the container lp-postgres\./);
    }));

  for (const action of ["none", "update", "delete"] as const) {
    it(`is not checked for a container with the action "${action}"`, () =>
      whileListening("127.0.0.1", async (port) => {
        assert.deepStrictEqual(await portFaults([plannedContainer(action, NAME, port)], []), []);
      }));
  }
});

describe("a port of a replaced container", () => {
  it("is accepted where the old container publishes it", () =>
    whileListening("127.0.0.1", (one) =>
      whileListening("127.0.0.1", async (two) => {
        const existing = [running("another", 1), running(NAME, one, two)];
        assert.deepStrictEqual(await portFaults([replaced(one, two)], existing), []);
      }),
    ));

  it("is accepted where it is new and free", () =>
    whileListening("127.0.0.1", (own) =>
      onFreePort(async (port) => {
        assert.deepStrictEqual(await portFaults([replaced(port)], [running(NAME, own)]), []);
      }),
    ));

  const holders: [title: string, others: (port: number) => ContainerState[], held: string][] = [
    ["a container that stays", (port) => [running("lp-redis", port)], "the container lp-redis."],
    ["a process", () => [], "a process ("],
  ];
  for (const [title, others, held] of holders) {
    it(`is refused where it is new and ${title} uses it`, () =>
      whileListening("127.0.0.1", (own) =>
        whileListening("127.0.0.1", async (port) => {
          const existing = [running(NAME, own), ...others(port)];
          const faults = await portFaults([replaced(own, port)], existing);
          assert.strictEqual(faults.length, 1, faults.join("\n"));
          const [fault] = faults;
          assert.ok(
            fault.startsWith(`Port ${port}, which ${NAME} needs, is in use by ${held}`),
            fault,
          );
        }),
      ));
  }

  it("is refused where the old container is gone and something else listens", () =>
    whileListening("127.0.0.1", async (port) => {
      const [fault, ...others] = await portFaults([replaced(port)], []);
      assert.deepStrictEqual(others, []);
      assert.ok(fault.startsWith(`Port ${port}, which ${NAME} needs, is in use by `), fault);
    }));
});
