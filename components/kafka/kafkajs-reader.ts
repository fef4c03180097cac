import type { Kafka } from "kafkajs";

import { privateOf } from "./kafkajs-private";

/** A message of a topic. Key, value and headers are text where they are UTF-8. */
export interface ReadMessage {
  partition: number;
  offset: string;
  /** Milliseconds since 1970. */
  timestampMs: number;
  key: string | null;
  value: string | null;
  headers: Record<string, string>;
}

/** What to read of a partition. Without an end, reading goes on until the signal. */
export interface PartitionRange {
  partition: number;
  start: bigint;
  /** The first offset that is not read. */
  end?: bigint;
}

/** What KafkaJS 2.2.4, its last release, has and does not publish: src/cluster/index.js and src/broker/index.js. */
interface Cluster {
  connect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>;
  findBroker(of: { nodeId: string }): Promise<Broker>;
  disconnect(): Promise<void>;
}

interface Broker {
  fetch(request: object): Promise<{ responses: { partitions: FetchedPartition[] }[] }>;
}

interface FetchedPartition {
  partition: number;
  messages: FetchedMessage[];
}

interface FetchedMessage {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers?: Record<string, Buffer | Buffer[]>;
  /** The marks of transactions. */
  isControlRecord?: boolean;
}

/** Longest time that a broker waits for a message, in milliseconds. */
const WAIT_MS = 500;
const MOST_BYTES = 1_048_576;

/** Reads partitions of a topic without joining a consumer group. A partition ends early where it has no more messages. */
export async function readPartitions(
  kafka: Kafka,
  topic: string,
  ranges: PartitionRange[],
  onMessage: (message: ReadMessage) => void,
  until?: AbortSignal,
): Promise<void> {
  const create = privateOf(kafka, "private:Kafka:createCluster") as (options: object) => Cluster;
  const cluster = create({ metadataMaxAge: 60_000, allowAutoTopicCreation: false });
  try {
    await cluster.connect();
    await cluster.addTargetTopic(topic);
    let open = ranges.filter(isOpen);
    while (open.length > 0 && !until?.aborted) {
      const fetched = await fetchFrom(cluster, topic, open);
      open = open
        .map((range) => advance(range, fetched.get(range.partition) ?? [], onMessage))
        .filter(isOpen);
    }
  } finally {
    await cluster.disconnect().catch(() => undefined);
  }
}

const isOpen = ({ start, end }: PartitionRange) => end === undefined || start < end;

/** Passes on the messages of a range. @returns what is left of it */
function advance(
  range: PartitionRange,
  messages: FetchedMessage[],
  onMessage: (message: ReadMessage) => void,
): PartitionRange {
  // A batch begins before the offset that was asked for, and may go beyond the range.
  const own = messages.filter(
    ({ offset }) =>
      BigInt(offset) >= range.start && (range.end === undefined || BigInt(offset) < range.end),
  );
  own
    .filter(({ isControlRecord }) => !isControlRecord)
    .forEach((message) => onMessage(readable(range.partition, message)));
  const last = messages.at(-1);
  if (last === undefined) {
    return range.end === undefined ? range : { ...range, start: range.end };
  }
  const next = BigInt(last.offset) + 1n;
  return { ...range, start: next > range.start ? next : range.start };
}

/** Fetched messages by partition. */
async function fetchFrom(
  cluster: Cluster,
  topic: string,
  ranges: PartitionRange[],
): Promise<Map<number, FetchedMessage[]>> {
  const leaders = cluster.findLeaderForPartitions(
    topic,
    ranges.map(({ partition }) => partition),
  );
  const answers = await Promise.all(
    Object.entries(leaders).map(async ([nodeId, partitions]) => {
      const broker = await cluster.findBroker({ nodeId });
      const wanted = ranges
        .filter(({ partition }) => partitions.includes(partition))
        .map(({ partition, start }) => ({
          ...{ partition, maxBytes: MOST_BYTES },
          fetchOffset: start.toString(),
        }));
      return broker.fetch({
        ...{ replicaId: -1, maxWaitTime: WAIT_MS, minBytes: 1 },
        topics: [{ topic, partitions: wanted }],
      });
    }),
  );
  const fetched = answers
    .flatMap(({ responses }) => responses)
    .flatMap(({ partitions }) => partitions);
  return new Map(fetched.map(({ partition, messages }) => [partition, messages]));
}

const readable = (
  partition: number,
  { offset, timestamp, key, value, headers = {} }: FetchedMessage,
): ReadMessage => ({
  partition,
  offset,
  timestampMs: Number(timestamp),
  key: key && key.toString("utf8"),
  value: value && value.toString("utf8"),
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, held]) => [name, [held].flat().join(",")]),
  ),
});
