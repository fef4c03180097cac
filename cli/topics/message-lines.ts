import type { ReadMessage } from "../../components/kafka/topic-client";

/** `2026-11-27T08:00:00.000Z 2:41 key {"a":1} header=value`: time, partition and offset, key, value, headers. */
export function messageLine({
  partition,
  offset,
  timestampMs,
  key,
  value,
  headers,
}: ReadMessage): string {
  const marked = Object.entries(headers).map(([name, held]) => `${name}=${held}`);
  return [
    new Date(timestampMs).toISOString(),
    `${partition}:${offset}`,
    key ?? "-",
    value ?? "(no value)",
    ...marked,
  ].join(" ");
}

/** The message as one line of JSON, with its time as ISO-8601. */
export const messageJson = ({ timestampMs, ...message }: ReadMessage): string =>
  JSON.stringify({ ...message, time: new Date(timestampMs).toISOString() });
