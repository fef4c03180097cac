/** Makes targets fail, and undoes it: on containers of one stack, and on the processes of its clients. */
import { stackContainers } from "../../cli/stack/containers";
import type { Outputs } from "../e2e/support/clients";
import { docker } from "../e2e/support/docker";
import { until } from "../e2e/support/running";
import { holdConnections, holdMemory } from "./fill";
import type { FaultKind } from "./schedule";
import { emptyVolume, fillVolume } from "./volumes";

/** Takes a fault back. It may be called again, whether it failed or not. */
export type Undo = () => Promise<void>;

/** Docker waits longer and longer before it starts a server again, for one minute at most. */
const START_MS = 90_000;

/** Processes of clients, as far as faults go. */
export interface Killable {
  kill(service: string): Promise<void>;
  start(service: string): void;
}

interface Subject {
  stack: string;
  role: string;
  container: string;
  outputs: Outputs;
}

interface Action {
  begin: () => Promise<unknown>;
  undo: () => Promise<unknown>;
}

export class Faults {
  private readonly open = new Set<Undo>();

  constructor(
    private readonly stack: string,
    private readonly outputs: Outputs,
    private readonly clients: Killable,
  ) {}

  /** @param target role of a container, or name of a service */
  public async inflict(kind: FaultKind, target: string): Promise<Undo> {
    const { begin, undo } = await this.actionOf(kind, target);
    const undoAndForget: Undo = async () => {
      await undo();
      this.open.delete(undoAndForget);
    };
    // Known before it begins: what fails half-way is undone as well.
    this.open.add(undoAndForget);
    await begin();
    return undoAndForget;
  }

  /** Undoes what is left, whatever happened. @throws the first failure, when all were tried */
  public async undoAll(): Promise<void> {
    const results = await Promise.allSettled([...this.open].map((undo) => undo()));
    const failed = results.find(({ status }) => status === "rejected");
    if (failed !== undefined) {
      throw (failed as PromiseRejectedResult).reason;
    }
  }

  private async actionOf(kind: FaultKind, target: string): Promise<Action> {
    const containers = await stackContainers(this.stack);
    const container = containers.find(({ role }) => role === target)?.name;
    if (container === undefined) {
      return {
        begin: () => this.clients.kill(target),
        undo: async () => this.clients.start(target),
      };
    }
    // One that an earlier fault has ended may still wait for Docker to start it.
    await until(() => isSo(container, "{{.State.Running}}"), START_MS);
    const { stack, outputs } = this;
    return ACTIONS[kind]({ stack, role: target, container, outputs });
  }
}

const isSo = async (container: string, template: string) =>
  (await docker("inspect", "--format", template, container)) === "true";

const ACTIONS: Readonly<Record<FaultKind, (subject: Subject) => Action>> = {
  kill: ({ container }) => ({
    // Docker does not restart by itself what was killed by hand.
    begin: () => docker("kill", container),
    undo: () => docker("start", container),
  }),
  pause: ({ container }) => ({
    begin: () => docker("pause", container),
    undo: async () =>
      (await isSo(container, "{{.State.Paused}}")) && (await docker("unpause", container)),
  }),
  disconnect: ({ container }) => disconnection(container),
  restart: ({ container }) => ({
    begin: () => docker("restart", "--time", "30", container),
    undo: () => docker("start", container),
  }),
  "fill disk": ({ stack, role, container }) => ({
    begin: () => fillVolume(stack, role),
    undo: async () => {
      await emptyVolume(stack, role);
      // A server that gave up is started again by Docker, later and later.
      await docker("start", container);
    },
  }),
  "fill memory": ({ outputs }) => holdMemory(outputs),
  "fill connections": ({ outputs }) => holdConnections(outputs),
};

interface Endpoint {
  Aliases: string[] | null;
}

/** Names that Docker itself gives a container on a network: its id. */
const OWN_ALIAS = /^[0-9a-f]{12}$/;

function disconnection(container: string): Action {
  let networks: [name: string, endpoint: Endpoint][] = [];
  const read = async () =>
    Object.entries(
      JSON.parse(
        await docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", container),
      ) as Record<string, Endpoint>,
    );
  return {
    begin: async () => {
      networks = await read();
      for (const [network] of networks) {
        await docker("network", "disconnect", network, container);
      }
    },
    undo: async () => {
      const connected = (await read()).map(([network]) => network);
      for (const [network, { Aliases }] of networks) {
        const aliases = (Aliases ?? []).filter((alias) => !OWN_ALIAS.test(alias));
        if (!connected.includes(network)) {
          await docker(
            ...["network", "connect", ...aliases.flatMap((alias) => ["--alias", alias])],
            ...[network, container],
          );
        }
      }
    },
  };
}
