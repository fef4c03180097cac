/** The processes of the services: one each, killed and started again as the faults say. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { SERVICE_NAMES } from "../../catalog/services";
import { ROOT } from "../../cli/paths";
import { variableOf } from "../../client/src/settings";
import type { Outputs } from "../e2e/support/clients";
import { until } from "../e2e/support/running";
import { type Entry, readLedger } from "./ledger";
import { DRAINED, type Order } from "./orders";

const WORKER = join(ROOT, "tests", "chaos", "worker", "main.ts");

export class Clients {
  private readonly running = new Map<string, ChildProcess>();
  private readonly killed = new Set<ChildProcess>();
  private readonly drained = new Set<ChildProcess>();
  /** Processes that ended by themselves, with the last that they said. */
  public readonly crashes: string[] = [];

  /** @param folder of the ledgers */
  constructor(
    private readonly folder: string,
    private readonly outputs: Outputs,
  ) {}

  public startAll(): void {
    SERVICE_NAMES.forEach((service) => this.start(service));
  }

  public start(service: string): void {
    if (this.running.has(service)) {
      return;
    }
    const connections = this.outputs.services[service];
    const child = spawn(
      process.execPath,
      ["--require", "tsx/cjs", WORKER, service, this.ledgerOf(service)],
      {
        cwd: ROOT,
        env: { ...process.env, [variableOf(service)]: JSON.stringify(connections) },
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    this.running.set(service, child);
    child.stdin!.on("error", () => undefined);
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      if (text.includes(DRAINED)) {
        this.drained.add(child);
      }
    });
    let said = "";
    child.stderr!.setEncoding("utf8").on("data", (text) => (said = `${said}${text}`.slice(-2_000)));
    child.on("close", (code, signal) => {
      if (this.running.get(service) === child) {
        this.running.delete(service);
      }
      if (!this.killed.has(child) && code !== 0) {
        this.crashes.push(`${service} ended by itself with ${code ?? signal}:\n${said}`);
      }
    });
  }

  public async kill(service: string): Promise<void> {
    const child = this.running.get(service);
    if (child !== undefined) {
      this.killed.add(child);
      const closed = once(child, "close");
      child.kill("SIGKILL");
      await closed;
    }
  }

  /** Kills what is left. */
  public async end(): Promise<void> {
    await Promise.all(SERVICE_NAMES.map((service) => this.kill(service)));
  }

  /** Lets all finish what they do, and begin nothing more. @returns the services that do not finish in time */
  public async drain(withinMs: number): Promise<string[]> {
    this.tell("drain");
    const busy = () => [...this.running].filter(([, child]) => !this.drained.has(child));
    await until(() => busy().length === 0, withinMs).catch(() => undefined);
    return busy().map(([service]) => service);
  }

  /** Lets all close their connections and end. @returns the services that do not in time */
  public async stop(withinMs: number): Promise<string[]> {
    this.tell("stop");
    await until(() => this.running.size === 0, withinMs).catch(() => undefined);
    return [...this.running.keys()];
  }

  private tell(order: Order): void {
    this.running.forEach(({ stdin }) => stdin!.write(`${order}\n`));
  }

  /** What all of them have done so far. */
  public entries(): Entry[] {
    return SERVICE_NAMES.map((service) => this.ledgerOf(service))
      .filter(existsSync)
      .flatMap(readLedger);
  }

  private ledgerOf(service: string): string {
    return join(this.folder, `${service}.jsonl`);
  }
}
