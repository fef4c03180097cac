import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Server } from "node:net";
import { createInterface } from "node:readline";

import { PORTS_PER_BLOCK } from "../../../../catalog/servers";
import type { State } from "../../../../cli/stack/local-state";
import { settleFirstPort } from "../../../../cli/stack/port-block";
import { stackConfiguration, stackValues } from "../../../../cli/stack/settings";
import { firstPorts } from "../../../../config";
import { whileListening } from "../../support/ports";
import { ROOT } from "../../support/program";
import { withDocker } from "../support/environment";

const network = (labels: { label: string; value: string }[]) => ({
  type: "docker:index/network:Network",
  inputs: { labels },
});
const label = (value: string) => [{ label: "learning-platform.first-port", value }];

/** Settles the ports of a stack while Docker has these networks, `<stack> <first port>` each. */
async function settle(stack: string, state?: State, networks: string[] = []) {
  const answer = networks.map((each) => `echo ${each}`).join("; ") || "true";
  const calls = await withDocker(answer, () => settleFirstPort(stack, state));
  return { calls, firstPort: stackConfiguration(stack).firstPort };
}

const HOST = "127.0.0.1";

/** Each test has a stack of its own, because this process keeps what it chose; other processes have others. */
const name = (test: number) => `pr-${process.pid}${test}`;

describe("the ports of a stack", () => {
  it("are those of its name, where they are free", async () => {
    const { firstPort } = await settle(name(1));
    assert.strictEqual(firstPort, firstPorts(name(1))[0]);
  });

  it("are no setting that a later run adds, where they are those of its name", async () => {
    const before = stackValues("dev");
    const [first] = firstPorts("dev");
    await settle("dev", { resources: [network(label(String(first)))] });
    assert.deepStrictEqual(stackValues("dev"), before);
  });

  it("are the next ones, where another stack has them, of whatever checkout", async () => {
    const [first, second, third] = firstPorts(name(2));
    const networks = [`pr-1 ${first}`, `dev ${second}`];
    assert.strictEqual((await settle(name(2), undefined, networks)).firstPort, third);
  });

  it("are the next ones, where something listens on one of them", async () => {
    const [first, second] = firstPorts(name(3));
    const settled = await whileListening(HOST, () => settle(name(3)), first + 3);
    assert.strictEqual(settled.firstPort, second);
  });

  it("stay where one run settles them twice, as a restore does", async () => {
    const [first] = firstPorts(name(10));
    await settle(name(10));
    assert.strictEqual((await settle(name(10))).firstPort, first);
  });

  it("are not taken by two runs at the same time", async () => {
    const [first, second] = firstPorts(name(4));
    // What the other run holds until its network is there.
    const held = first + PORTS_PER_BLOCK - 1;
    const settled = await whileListening(HOST, () => settle(name(4)), held);
    assert.strictEqual(settled.firstPort, second);
    await assert.rejects(
      whileListening(HOST, async () => undefined, second + PORTS_PER_BLOCK - 1),
      /EADDRINUSE/,
    );
  });

  it("are not tried while another run holds them, whose servers start on them", async () => {
    const [first] = firstPorts(name(9));
    const tried: number[] = [];
    const { listen } = Server.prototype;
    const held = first + PORTS_PER_BLOCK - 1;
    await whileListening(
      HOST,
      async () => {
        Server.prototype.listen = function (this: Server, ...args: unknown[]) {
          tried.push((args[0] as { port: number }).port);
          return listen.apply(this, args as Parameters<typeof listen>);
        } as typeof listen;
        try {
          await settle(name(9));
        } finally {
          Server.prototype.listen = listen;
        }
      },
      held,
    );
    assert.deepStrictEqual(
      tried.filter((port) => port <= held && port >= first),
      [held],
    );
  });

  it("differ for five stacks of the same block that five processes settle at once", async () => {
    const [block] = firstPorts("pr-1");
    const stacks: string[] = [];
    for (let number = 1; stacks.length < 5; number++) {
      if (firstPorts(`pr-${number}`)[0] === block) {
        stacks.push(`pr-${number}`);
      }
    }
    const chosen: number[] = [];
    await withDocker("true", async () => {
      const settlers = stacks.map(startSettling);
      try {
        await Promise.all(settlers.map(({ said }) => said()));
        settlers.forEach(({ child }) => child.stdin.write("go"));
        chosen.push(...(await Promise.all(settlers.map(({ said }) => said()))).map(Number));
      } finally {
        settlers.forEach(({ child }) => child.stdin.end());
        await Promise.all(settlers.map(({ ended }) => ended));
      }
    });
    assert.strictEqual(new Set(chosen).size, stacks.length, chosen.join());
    assert.ok(chosen.every((port) => port % PORTS_PER_BLOCK === 0));
  }).timeout(120_000);

  it("stay at each run those that its network is labelled with", async () => {
    const state = { resources: [network(label("25000"))] };
    const { firstPort, calls } = await settle(name(5), state);
    assert.strictEqual(firstPort, 25_000);
    assert.deepStrictEqual(calls, []);
  });

  it("are known of a network whose creation was interrupted", async () => {
    const state = { pending_operations: [{ resource: network(label("25000")) }] };
    assert.strictEqual((await settle(name(6), state)).firstPort, 25_000);
  });

  it("are those of its name, where its network has no such label", async () => {
    const [first] = firstPorts(name(7));
    const { firstPort } = await settle(name(7), { resources: [network([])] }, [`dev ${first}`]);
    assert.strictEqual(firstPort, first);
  });

  it("are chosen again, where it was interrupted before it had a network", async () => {
    const [first, second] = firstPorts(name(8));
    const { firstPort } = await settle(name(8), { resources: [] }, [`dev ${first}`]);
    assert.strictEqual(firstPort, second);
  });

  it("are not looked for, where its settings say all of them", async () => {
    const { calls } = await settle("dev");
    assert.deepStrictEqual(calls, []);
  });
});

/** A process that settles a stack's ports when it is told to, and keeps them until its input ends. */
function startSettling(stack: string) {
  const script = `
    const { load } = require("./runtime/compile");
    const { settleFirstPort, stackConfiguration } = load("tests/unit/cli/support/port-settling.ts");
    process.stdin.once("data", async () => {
      await settleFirstPort("${stack}", undefined);
      console.log(stackConfiguration("${stack}").firstPort);
    });
    console.log("ready");`;
  const child = spawn(process.execPath, ["--eval", script], {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  /** The next line that it prints. */
  const said = async () => (await lines.next()).value as string;
  return { child, ended, said };
}
