/** Writes events to the platform's topics: each once and in order, in spite of retries, and as the topic is compressed. */
import type {
  CompressionAlgorithmValue,
  MessageToProduce,
  Producer as KafkaProducer,
} from "@platformatic/kafka" with { "resolution-mode": "import" };

import type { KafkaLogin } from "../connections";
import { reasonOf } from "../log";
import { withinTime } from "../within-time";
import { CONTENT_TYPE, envelope, EVENT_CONTENT_TYPE, type NewEvent } from "./envelope";
import { checkEventData } from "./event-check";
import { followLeader } from "./follow-leader";
import { loadKafka } from "./kafka-library";
import { type KafkaClientOptions, kafkaOptions, topicName } from "./kafka-options";
import { type Batch, SendQueue } from "./send-queue";
import { TopicCodecs } from "./topic-codecs";

/** A message as it goes over the wire. */
export interface RawMessage {
  key?: Buffer;
  value: Buffer;
  headers: ReadonlyMap<string, string | Buffer>;
}

/** The event is larger than the broker accepts: store what it holds elsewhere, and send its address. */
export class EventTooLargeError extends Error {
  public override readonly name = "EventTooLargeError";
}

/** A broker that restarts is back by then. */
const RETRIES = 60;

const CLOSE_LIMIT_MS = 30_000;

/** Bytes that an event leaves to the headers of its dead letter, which has to fit as well (dead-letters.ts). */
const DEAD_LETTER_ROOM = 4_096;

/** Bytes of a record besides its key, value and headers: lengths, offset and time, and its share of the batch's head. */
const RECORD_OVERHEAD = 100;

export interface PublishOptions {
  /** Whether the data is compared with the schema of its type. @default as the platform's client was made */
  check?: boolean;
  /** Whether each event must leave room for the headers of its dead letter. @default true */
  leaveRoom?: boolean;
}

export class Producer {
  private readonly queue: SendQueue<MessageToProduce>;
  private readonly codecs: TopicCodecs;
  private readonly options: KafkaClientOptions;
  private kafka: Promise<KafkaProducer> | undefined;
  private turn = 0;

  /** @param source name of the service, which its events bear */
  constructor(
    private readonly source: string,
    private readonly login: KafkaLogin,
    options: KafkaClientOptions,
    private readonly checksEvents = true,
  ) {
    this.options = { retries: RETRIES, ...options };
    this.codecs = new TopicCodecs(login, this.options);
    this.queue = new SendQueue((batch) => this.send(batch), login.maxMessageBytes);
  }

  /**
   * Writes an event, and returns when the broker has it on all its copies.
   * @param topic by the platform's name for it: `user-events`
   * @throws EventDataError where its data is not as the schema of its type says, EventTooLargeError, or an error of the broker when it was not reached for `retries` seconds
   */
  public async publish(topic: string, event: NewEvent): Promise<void> {
    await this.publishAll(topic, [event]);
  }

  /** Writes events in their order. If it throws anything but an EventDataError, some of them may be written. */
  public async publishAll(
    topic: string,
    events: readonly NewEvent[],
    { check = this.checksEvents, leaveRoom = true }: PublishOptions = {},
  ): Promise<void> {
    if (check) {
      events.forEach(checkEventData);
    }
    const messages = events.map((event) => this.messageOf(event));
    const room = leaveRoom ? DEAD_LETTER_ROOM : 0;
    messages.forEach((message) => this.refuseLarge(topic, message, room));
    await this.publishRaw(topic, messages);
  }

  /** @throws EventTooLargeError where `publish` would */
  public checkSize(topic: string, event: NewEvent): void {
    this.refuseLarge(topic, this.messageOf(event), DEAD_LETTER_ROOM);
  }

  /** Writes messages as they are. */
  public async publishRaw(topic: string, messages: readonly RawMessage[]): Promise<void> {
    const name = topicName(this.login, topic);
    const sized = messages.map((message) => ({
      message: asKafkaMessage(name, message),
      bytes: sizeOf(message),
    }));
    messages.forEach((message) => this.refuseLarge(topic, message));
    await this.queue.add(name, sized);
  }

  /**
   * Waits until what was given is written, and disconnects.
   * @param limitMs longest wait, after which `publish` throws for what is left
   */
  public async close(limitMs = CLOSE_LIMIT_MS): Promise<void> {
    await withinTime(this.queue.idle(), limitMs).catch(() => undefined);
    await this.codecs.close();
    await (await this.kafka)?.close();
  }

  private messageOf(event: NewEvent): RawMessage {
    return {
      key: Buffer.from(event.subject),
      value: Buffer.from(JSON.stringify(envelope(this.source, event))),
      headers: new Map([[CONTENT_TYPE, EVENT_CONTENT_TYPE]]),
    };
  }

  private refuseLarge(topic: string, message: RawMessage, room = 0): void {
    const bytes = sizeOf(message);
    const limit = this.login.maxMessageBytes - room;
    if (bytes > limit) {
      throw new EventTooLargeError(
        `An event for ${topic} has ${bytes} bytes, and may have ${limit}. ` +
          "Store what it holds elsewhere, and send its address.",
      );
    }
  }

  private async send({ topic, messages }: Batch<MessageToProduce>): Promise<void> {
    try {
      const compression = (await this.codecs.of(topic)) as CompressionAlgorithmValue;
      const kafka = await this.connected();
      // The library sends what one broker leads as one request, and follows it to one broker: partitions whose leader died
      // may have different ones now (@platformatic/kafka 2.12.1, dist/clients/producer/producer.js, #performSend).
      const parts = await this.byPartition(kafka, topic, messages);
      const sent = await Promise.allSettled(
        parts.map((part) => kafka.send({ messages: part, compression })),
      );
      const failed = sent.find(({ status }) => status === "rejected");
      if (failed !== undefined) {
        throw (failed as PromiseRejectedResult).reason;
      }
    } catch (error) {
      throw new Error(`${topic}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** The messages of each partition, in their order. Those without a key go to the partitions in turn. */
  private async byPartition(
    kafka: KafkaProducer,
    topic: string,
    messages: MessageToProduce[],
  ): Promise<MessageToProduce[][]> {
    const { compatibilityPartitioner } = await loadKafka();
    const { topics } = await kafka.metadata({ topics: [topic] });
    const count = topics.get(topic)!.partitionsCount;
    const parts = new Map<number, MessageToProduce[]>();
    for (const message of messages) {
      const number =
        message.key === undefined ? this.turn++ : compatibilityPartitioner(message, message.key);
      const partition = number % count;
      parts.set(partition, [...(parts.get(partition) ?? []), { ...message, partition }]);
    }
    return [...parts.values()];
  }

  private connected(): Promise<KafkaProducer> {
    this.kafka ??= loadKafka().then(({ Producer: Implementation, compatibilityPartitioner }) =>
      followLeader(
        new Implementation({
          ...kafkaOptions(this.login, this.options),
          idempotent: true,
          // The library's own default makes the hash positive in another way than Java, librdkafka and the catalogue
          // (@platformatic/kafka 2.12.1, dist/clients/producer/partitioners.js).
          partitioner: compatibilityPartitioner,
        }),
      ),
    );
    return this.kafka;
  }
}

const asKafkaMessage = (topic: string, { key, value, headers }: RawMessage): MessageToProduce => ({
  ...{ topic, key, value },
  headers: new Map(
    [...headers].map(([name, text]) => [Buffer.from(name), Buffer.from(text as string)]),
  ),
});

const sizeOf = ({ key, value, headers }: RawMessage): number =>
  [...headers].reduce(
    (sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text) + 10,
    RECORD_OVERHEAD + (key?.length ?? 0) + value.length,
  );
