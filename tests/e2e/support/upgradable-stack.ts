/** A stack whose PostgreSQL moves between major versions, while a client writes. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { Report } from "../../../cli/verify/report";
import { named } from "./docker";
import { ReplicatedStack } from "./replicated-stack";
import { Running, until } from "./running";

export class UpgradableStack extends ReplicatedStack {
  /** Upgrades, or does what the options say. */
  public readonly upgrade = (...args: string[]) =>
    this.checkout.npmOk("upgrade", [...args, "--yes", "--stack", this.stack]);

  /** The same, going on while the caller acts. */
  public readonly runningUpgrade = (...args: string[]) =>
    new Running(this.checkout, this.stack, ["upgrade", ...args, "--yes"]);

  /** What a command that is refused prints. */
  public async refused(command: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.checkout.npm(command, [
      ...args,
      "--stack",
      this.stack,
    ]);
    assert.equal(code, 1, stdout);
    return stderr;
  }

  /** The server's major version. */
  public async version(): Promise<number> {
    const [{ major }] = await this.query<{ major: number }>(
      this.administrator(),
      "select current_setting('server_version_num')::int / 10000 as major",
    );
    return major;
  }

  /** Names of the volumes that PostgreSQL has or had. */
  public readonly volumes = () => named("volume", `${this.prefix}-postgres`);

  /** How often each row is in the table that is named so. */
  public async rows(): Promise<Map<string, number>> {
    const titles = await this.titles(this.app());
    const found = new Map<string, number>();
    titles.forEach((title) => found.set(title, (found.get(title) ?? 0) + 1));
    return found;
  }

  public async hasEachOnce(titles: readonly string[]): Promise<void> {
    const found = await this.rows();
    assert.deepEqual(
      titles.filter((title) => found.get(title) !== 1),
      [],
    );
  }

  /** Verifies the stack, and finds nothing wrong or unknown. */
  public async isRight(): Promise<void> {
    const { stdout } = await this.checkout.npm("verify", ["--stack", this.stack, "--json"]);
    const { lines } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      lines.filter(({ verdict }) => verdict !== "right"),
      [],
    );
  }
}

/** The name of the volume of a version: that of 16 had its name before there was another. */
export const volumeName = (stack: string, major: number): string =>
  `learning-platform-${stack}-postgres${major === 16 ? "" : `-${major}`}-data`;

/** A client that goes on through every outage, and writes each row until the server has said that it has it. */
export class Writer {
  /** Titles of the rows that the server has confirmed, in order. */
  public readonly acknowledged: string[] = [];
  private isOver = false;
  private readonly end: Promise<void>;

  constructor(on: ReplicatedStack) {
    this.end = this.write(on);
  }

  private async write(on: ReplicatedStack): Promise<void> {
    for (let number = 0; !this.isOver; number += 1) {
      const title = `row ${String(number).padStart(5, "0")}`;
      await on.write(title).then(
        () => this.acknowledged.push(title),
        () => undefined,
      );
      // Each row is a login of its own, which takes processor time.
      await sleep(500);
    }
  }

  /** Waits for a further row, so that the server answers again. */
  public async goesOn(): Promise<void> {
    const before = this.acknowledged.length;
    await until(() => this.acknowledged.length > before, 60_000);
  }

  public async stop(): Promise<void> {
    this.isOver = true;
    await this.end;
  }
}
