import { createClient } from "@redis/client";
import { CompressionCodecs, CompressionTypes, Kafka, logLevel } from "kafkajs";
import SnappyCodec from "kafkajs-snappy";
import { Client } from "pg";

import type { EndpointName } from "../../../catalog/servers";
import type { ServiceConnections } from "../../../contract/connections";
import type * as contract from "../../../contract/outputs";

CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;

/** The stack's outputs. Tests look services up by any name, and run every server in a container. */
export type Outputs = Omit<contract.Outputs, "accessPoints"> & {
  services: Record<string, ServiceConnections>;
  accessPoints: Record<EndpointName, Required<contract.AccessPoint>>;
};

/**
 * Connects to a database by its URL for one act.
 * @param trusted PEM of the authority to trust, where the stack has one
 */
export async function withDatabase<T>(
  url: string,
  act: (client: Client) => Promise<T>,
  trusted?: string,
): Promise<T> {
  const connectionString = new URL(url);
  if (trusted !== undefined) {
    // What the URL says of encryption would win over `ssl`, and pg knows no certificate in it.
    connectionString.searchParams.delete("sslmode");
  }
  const client = new Client({
    connectionString: connectionString.href,
    ...(trusted === undefined ? {} : { ssl: { ca: trusted } }),
  });
  // The statement that a lost connection interrupts reports it; between two statements, the test is done with it.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** Logs in to Redis by its URL for one act. */
export async function withRedis<T>(
  url: string,
  act: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await act(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}

/** A Kafka client that logs in as the user. */
export const kafkaAs = (bootstrapServers: string, login?: { username: string; password: string }) =>
  new Kafka({
    brokers: bootstrapServers.split(","),
    sasl: login && { mechanism: "scram-sha-256", ...login },
    logLevel: logLevel.NOTHING,
    retry: { retries: 2 },
    connectionTimeout: 5_000,
  });
