/** Reads events in a consumer group of the service, and hands each to the handler of its type. */
import type { Message } from "@platformatic/kafka" with { "resolution-mode": "import" };

import { type Backoff, delayAfter, pause } from "../backoff";
import type { KafkaLogin } from "../connections";
import { type Log, reasonOf } from "../log";
import { TimeLimitError, withinTime } from "../within-time";
import { deadLetterOf, deadLetterTopic, type ReceivedMessage } from "./dead-letters";
import { DEFAULT_RETRIES, type EventHandler, handleMessage, type RetryPolicy } from "./handling";
import { createMember, leave, readGroup, receivedFrom } from "./kafka-consumer";
import { type KafkaClientOptions, topicName } from "./kafka-options";
import { Lanes } from "./lanes";
import type { Producer } from "./producer";
import { type ReplayCounts, replayDeadLetters } from "./replay";

export interface ConsumerOptions {
  /** Topics by the platform's names for them. */
  topics: readonly string[];
  /**
   * Name of the group after the service's own: instances of the same name share the events, and each name gets all of
   * them. @default the service's own group
   */
  group?: string;
  /** Where a group that has read nothing yet begins. @default "earliest" */
  from?: "earliest" | "latest";
  retries?: Partial<RetryPolicy>;
}

/** What the platform gives a consumer, besides what its user chose. */
export interface ConsumerParts extends KafkaClientOptions {
  login: KafkaLogin;
  /** Writes dead letters. */
  producer: Pick<Producer, "publishRaw">;
  log: Log;
}

const RECONNECT: Backoff = { firstMs: 200, maxMs: 5_000 };

/** Messages that are being handled, or were read ahead. */
const MOST_IN_FLIGHT = 256;

/** How long a stopping consumer waits for its handlers, unless told otherwise. */
const STOP_LIMIT_MS = 30_000;

/** Longest wait for the broker to remember that a message is done. */
const COMMIT_LIMIT_MS = 10_000;

export class Consumer {
  /** Name of the consumer group on the cluster. */
  public readonly group: string;
  private readonly handlers = new Map<string, EventHandler>();
  private readonly retries: RetryPolicy;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: ConsumerOptions,
    private readonly parts: ConsumerParts,
  ) {
    const { groupId, groupPrefix } = parts.login;
    this.group = options.group === undefined ? groupId : `${groupPrefix}${options.group}`;
    this.retries = { ...DEFAULT_RETRIES, ...options.retries };
  }

  /** Sets handlers by type of event. Events of other types are passed over. */
  public on(handlers: Readonly<Record<string, EventHandler>>): this {
    for (const [type, handler] of Object.entries(handlers)) {
      this.handlers.set(type, handler);
    }
    return this;
  }

  /** Begins to read, in the background, and goes on until `stop`. While no broker answers, it tries again. */
  public start(): this {
    this.running ??= this.readUntilStopped();
    return this;
  }

  /**
   * Stops reading, waits for the handlers that run, remembers what they did, and leaves the group.
   * @param limitMs longest wait; events whose handlers take longer are read again by the group's next reader
   */
  public async stop(limitMs = STOP_LIMIT_MS): Promise<void> {
    this.stopping.abort();
    try {
      await withinTime(this.running ?? Promise.resolve(), limitMs);
    } catch (error) {
      if (!(error instanceof TimeLimitError)) {
        throw error;
      }
      this.parts.log.warn(`${this.group}: handlers still run after ${limitMs} ms`);
    }
  }

  /**
   * Handles the dead letters that this group has given up until now; call it when the reason is gone. Those that fail
   * again become dead letters again.
   * @param topic whose dead letters: `user-events`
   */
  public replayDeadLetters(topic: string): Promise<ReplayCounts> {
    return replayDeadLetters(topic, this.group, this.parts, async (message) => {
      const { result } = await this.handle({ ...message, topic }, true);
      return result;
    });
  }

  private async readUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.read(() => (failures = 0));
      } catch (error) {
        const delay = delayAfter(Math.max(1, failures), RECONNECT);
        this.parts.log.warn(`${this.group}: reading again in ${delay} ms: ${reasonOf(error)}`);
        await pause(delay, signal);
      }
    }
  }

  /**
   * Reads until it is stopped or something fails.
   * @param onMessage is called for each message: the broker answers
   */
  private async read(onMessage: () => void): Promise<void> {
    const { signal } = this.stopping;
    const { login } = this.parts;
    const member = await createMember(this.group, login, this.parts);
    const lanes = new Lanes(MOST_IN_FLIGHT);
    // Offset of the last message of each partition that is done. After a rebalance, those that were read ahead come again.
    const done = new Map<string, bigint>();
    let failure: { error: unknown } | undefined;
    try {
      const topics = this.options.topics.map((topic) => topicName(login, topic));
      const stream = await readGroup(member, topics, this.options.from ?? "earliest", {
        maxWaitTime: 1_000,
        highWaterMark: MOST_IN_FLIGHT,
      });
      const close = () => void stream.close().catch(() => undefined);
      signal.addEventListener("abort", close, { once: true });
      if (signal.aborted) {
        close();
      }
      try {
        for await (const message of stream) {
          onMessage();
          const lane = `${message.topic}:${message.partition}`;
          await lanes.add(lane, async () => {
            const isDone = message.offset <= (done.get(lane) ?? -1n);
            if (isDone || failure !== undefined || signal.aborted) {
              return;
            }
            try {
              if (await this.finish(message)) {
                done.set(lane, message.offset);
              }
            } catch (error) {
              failure = { error };
              stream.destroy(error as Error);
            }
          });
        }
      } finally {
        signal.removeEventListener("abort", close);
      }
    } catch (error) {
      failure ??= { error };
    }
    await lanes.idle();
    await leave(member);
    if (failure !== undefined) {
      throw failure.error;
    }
  }

  /** @returns whether the group is done with the message, so that no member gets it again */
  private async finish(message: Message): Promise<boolean> {
    const received = receivedFrom(message, this.parts.login);
    const outcome = await this.handle(received, false);
    if (outcome.result === "stopped") {
      return false;
    }
    // While the group is being formed anew, a commit waits for its end, and then for ever if the stream has failed.
    await withinTime(Promise.resolve(message.commit()), COMMIT_LIMIT_MS);
    return true;
  }

  /** Handles a message, or writes it to the dead letters. @throws an error of the broker that refuses the dead letter */
  private async handle(message: ReceivedMessage, isReplay: boolean) {
    const { signal } = this.stopping;
    const outcome = await handleMessage(message, this.handlers, {
      ...{ isReplay, signal, retries: this.retries },
    });
    if (outcome.result === "failed") {
      const { attempts, error } = outcome;
      const letter = deadLetterOf(message, this.group, attempts, error);
      await this.parts.producer.publishRaw(deadLetterTopic(message.topic), [letter]);
      this.parts.log.warn(
        `${this.group}: ${message.topic}[${message.partition}]@${message.offset} is a dead letter ` +
          `after ${attempts} attempts: ${reasonOf(error)}`,
      );
    }
    return outcome;
  }
}
