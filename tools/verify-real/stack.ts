import { writeFileSync } from "node:fs";

import { run } from "../../cli/machine/run";
import { Checkout } from "../../tests/e2e/support/checkout";
import { type Outputs, withDatabase, withRedis } from "../../tests/e2e/support/clients";
import { readOutputs } from "../../tests/e2e/support/hooks";
import type { HttpOptions, RunningStack } from "./row";

const STACK = "verify-real";
const SERVICE = "user-service";
const HTTP_TIMEOUT_MS = 15_000;

/** A copy of the checkout, with a stack that only this command uses. */
export class VerifiedStack {
  private readonly checkout = new Checkout();

  /** @returns the output of `npm run up`, and code 0 if the stack is up */
  public up() {
    writeFileSync(
      this.checkout.path(`Pulumi.${STACK}.yaml`),
      "config:\n  learning-platform:protect: false\n",
    );
    return this.checkout.npm("up", ["--stack", STACK]);
  }

  public async reach(): Promise<RunningStack> {
    return reach(await readOutputs(this.checkout, STACK));
  }

  /** Destroys the stack and the copy, in any state. */
  public down(): Promise<void> {
    return this.checkout.cleanUp(STACK);
  }
}

function reach({ accessPoints, administrators, services }: Outputs): RunningStack {
  const containers = {
    postgres: accessPoints.postgres.container,
    redis: accessPoints.redis.container,
    redpanda: accessPoints.kafka.container,
    "redpanda-console": accessPoints.console.container,
  };
  const { cache, kafka, database } = services[SERVICE];
  return {
    container: (role) => containers[role],
    urls: {
      admin: accessPoints.redpandaAdmin.address,
      registry: accessPoints.schemaRegistry.address,
      console: accessPoints.console.address,
    },
    administrator: administrators.kafka,
    service: kafka,
    docker: (args) => run("docker", args),
    http,
    postgresClientAddress: () => {
      const { username, password } = administrators.postgres;
      const url = `postgresql://${username}:${password}@${database.host}:${database.port}/postgres`;
      return withDatabase(url, async (client) => {
        const { rows } = await client.query<{ address: string }>(
          "select host(inet_client_addr()) as address",
        );
        return rows[0].address;
      });
    },
    redis: (command) => {
      const { username, password } = administrators.redis!;
      const url = `redis://${username}:${password}@${cache.host}:${cache.port}`;
      return withRedis(url, async (client): Promise<unknown> => {
        try {
          return await client.sendCommand(command);
        } catch (error) {
          // An error is also an answer: ACL DRYRUN reports a wrong number of words with one.
          return (error as Error).message;
        }
      });
    },
  };
}

export async function http(url: string, { method = "GET", login, body }: HttpOptions = {}) {
  const response = await fetch(url, {
    method,
    headers: {
      ...(login && { authorization: `Basic ${btoa(`${login.username}:${login.password}`)}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(HTTP_TIMEOUT_MS),
  });
  return { status: response.status, body: await response.text() };
}
