import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import { until } from "./running";

/** The example of a service with Spring Boot, as a process that runs while the test does something else. */
export class SpringService {
  /** Its output so far. */
  public printed = "";
  private readonly child: ChildProcess;

  /** @param folder with the settings and the package in target/ */
  constructor(folder: string, properties: Record<string, string>) {
    const args = Object.entries(properties).map(([name, value]) => `--${name}=${value}`);
    this.child = spawn(
      "java",
      ["-XX:TieredStopAtLevel=1", "-jar", "target/spring-service.jar", "--server.port=0", ...args],
      { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
    );
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.printed += text));
    }
  }

  /** Waits until it has started. @returns its address */
  public async url(): Promise<string> {
    const port = () => /Tomcat started on port (\d+)/.exec(this.printed)?.[1];
    await until(() => {
      if (this.child.exitCode !== null) {
        throw new Error(`The service ended with ${this.child.exitCode}:\n${this.printed}`);
      }
      return port() !== undefined;
    });
    return `http://localhost:${port()}`;
  }

  public async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill();
      await once(this.child, "exit");
    }
  }
}
