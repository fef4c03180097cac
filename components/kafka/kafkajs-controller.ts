/** Requests that KafkaJS does not have, sent to the broker that it takes for the controller. */
import type { Kafka } from "kafkajs";

import { privateOf } from "./kafkajs-private";

/** What KafkaJS 2.2.4, its last release, has and does not publish: src/index.js and src/broker/index.js. */
interface Cluster {
  connect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findControllerBroker(): Promise<Record<symbol, unknown> & { versions: object }>;
  disconnect(): Promise<void>;
}

/** A request in the form of KafkaJS (src/protocol/requests). */
export interface Exchange {
  request: { apiKey: number; apiVersion: number; apiName: string; encode: () => Promise<unknown> };
  response: {
    decode: (data: Buffer) => Promise<never>;
    parse: (answer: never) => Promise<unknown>;
  };
}

/** Sends one request. @throws the error that the broker answers; UNSUPPORTED_VERSION where it has no such request */
export async function askController(kafka: Kafka, exchange: Exchange): Promise<void> {
  const create = privateOf(kafka, "private:Kafka:createCluster") as (options: object) => Cluster;
  const cluster = create({ metadataMaxAge: 60_000 });
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    const broker = await cluster.findControllerBroker();
    if (!(exchange.request.apiKey in broker.versions)) {
      throw Object.assign(new Error("The cluster has no such request"), {
        type: "UNSUPPORTED_VERSION",
      });
    }
    const send = privateOf(broker, "private:Broker:sendRequest") as (what: object) => unknown;
    await send.call(broker, exchange);
  } finally {
    await cluster.disconnect().catch(() => undefined);
  }
}
