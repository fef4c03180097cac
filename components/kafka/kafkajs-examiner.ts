import type { Admin, Kafka, KafkaJSAggregateError } from "kafkajs";

import type { KafkaExaminer, ProbeTopic } from "./kafka-administrator";
import { askController, type Exchange } from "./kafkajs-controller";

/** What a check asks, in the terms of KafkaJS. None of it changes anything. */
export const createExaminer = (kafka: Kafka, admin: Admin): KafkaExaminer => ({
  async brokers() {
    return (await admin.describeCluster()).brokers.length;
  },
  tryTopic: (topic) => tryTopic(admin, topic),
  tryUser: (name) => tryUser(kafka, name),
});

async function tryTopic(admin: Admin, { name, replicationFactor, config }: ProbeTopic) {
  const configEntries = Object.entries(config).map(([setting, value]) => ({
    name: setting,
    value,
  }));
  try {
    await admin.createTopics({
      ...{ validateOnly: true, waitForLeaders: false, timeout: 10_000 },
      topics: [{ topic: name, numPartitions: 1, replicationFactor, configEntries }],
    });
  } catch (error) {
    throw (error as Partial<KafkaJSAggregateError>).errors?.[0] ?? error;
  }
}

/** DescribeUserScramCredentials (kafka.apache.org/protocol), which KafkaJS does not have. */
const API_KEY = 50;
const USER_NOT_FOUND = 91;

async function tryUser(kafka: Kafka, name: string): Promise<void> {
  await askController(kafka, describeUser(name));
}

interface Encoder {
  writeUVarIntBytes(): Encoder;
  writeUVarIntString(text: string): Encoder;
  writeUVarIntArray(parts: Encoder[]): Encoder;
}

interface Decoder {
  readTaggedFields(): void;
  readInt32(): number;
  readInt16(): number;
}

function describeUser(name: string): Exchange {
  /* eslint-disable @typescript-eslint/no-require-imports */
  const Encoder = require("kafkajs/src/protocol/encoder.js") as new () => Encoder;
  const Decoder = require("kafkajs/src/protocol/decoder.js") as new (data: Buffer) => Decoder;
  const { createErrorFromCode } = require("kafkajs/src/protocol/error.js") as {
    createErrorFromCode(code: number): Error;
  };
  /* eslint-enable @typescript-eslint/no-require-imports */
  const user = new Encoder().writeUVarIntString(name).writeUVarIntBytes();
  return {
    request: {
      ...{ apiKey: API_KEY, apiVersion: 0, apiName: "DescribeUserScramCredentials" },
      encode: () =>
        Promise.resolve(
          new Encoder().writeUVarIntBytes().writeUVarIntArray([user]).writeUVarIntBytes(),
        ),
    },
    response: {
      decode(data: Buffer) {
        const decoder = new Decoder(data);
        decoder.readTaggedFields();
        decoder.readInt32(); // Milliseconds of throttling.
        return Promise.resolve({ errorCode: decoder.readInt16() } as never);
      },
      parse({ errorCode }: { errorCode: number }) {
        if (errorCode !== 0 && errorCode !== USER_NOT_FOUND) {
          throw createErrorFromCode(errorCode);
        }
        return Promise.resolve(errorCode);
      },
    },
  };
}
