import type { Kafka } from "kafkajs";

import { askController, type Exchange } from "./kafkajs-controller";

/** IncrementalAlterConfigs (kafka.apache.org/protocol), which KafkaJS does not have: its AlterConfigs resets other settings. */
const API = { apiKey: 44, apiVersion: 0, apiName: "IncrementalAlterConfigs" };
const TOPIC = 2;
const SET = 0;

/** Sets one setting of topics. @throws Error with the topic and the broker's reason */
export const setTopics = (
  kafka: Kafka,
  topics: readonly string[],
  setting: string,
  value: string,
): Promise<void> => askController(kafka, exchangeOf(topics, setting, value));

interface Encoder {
  writeInt8(value: number): Encoder;
  writeBoolean(value: boolean): Encoder;
  writeString(text: string): Encoder;
  writeArray(parts: Encoder[]): Encoder;
}

interface Decoder {
  readInt8(): number;
  readInt16(): number;
  readInt32(): number;
  readString(): string | null;
  readArray<T>(read: (decoder: Decoder) => T): T[];
}

interface Answer {
  errorCode: number;
  reason: string | null;
  topic: string | null;
}

function exchangeOf(topics: readonly string[], setting: string, value: string): Exchange {
  /* eslint-disable @typescript-eslint/no-require-imports */
  const Encoder = require("kafkajs/src/protocol/encoder.js") as new () => Encoder;
  const Decoder = require("kafkajs/src/protocol/decoder.js") as new (data: Buffer) => Decoder;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const entry = () => new Encoder().writeString(setting).writeInt8(SET).writeString(value);
  const resources = () =>
    topics.map((topic) => new Encoder().writeInt8(TOPIC).writeString(topic).writeArray([entry()]));
  const decode = (data: Buffer): Answer[] => {
    const decoder = new Decoder(data);
    decoder.readInt32(); // Milliseconds of throttling.
    return decoder.readArray((from) => {
      const [errorCode, reason] = [from.readInt16(), from.readString()];
      from.readInt8();
      return { errorCode, reason, topic: from.readString() };
    });
  };
  const parse = (answers: Answer[]) => {
    const refused = answers.find(({ errorCode }) => errorCode !== 0);
    return refused === undefined
      ? Promise.resolve()
      : Promise.reject(
          new Error(
            `${setting} of topic ${refused.topic}: ${refused.reason ?? `error ${refused.errorCode}`}`,
          ),
        );
  };
  return {
    request: {
      ...API,
      encode: () => Promise.resolve(new Encoder().writeArray(resources()).writeBoolean(false)),
    },
    response: {
      decode: (data) => Promise.resolve(decode(data) as never),
      parse,
    },
  } as Exchange;
}
