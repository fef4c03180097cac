/**
 * What all events have in common. The envelope is CloudEvents 1.0 in its structured JSON form (cloudevents/spec v1.0.2,
 * formats/json-format.md and bindings/kafka-protocol-binding.md), so that other languages have libraries for it.
 */
import { randomUUID } from "node:crypto";

import { z } from "zod";

/** What a producer says of an event. */
export interface NewEvent<D = unknown> {
  /** Type with its version: `user.updated.v1`. */
  type: string;
  /**
   * What the event is about, such as the user's id. Events of one subject are read in the order in which they were
   * written: it is the message's key.
   */
  subject: string;
  data: D;
  /** Identifies the event, also if it is written twice. @default a new UUID */
  id?: string;
  /** ISO 8601. @default now */
  time?: string;
}

const eventSchema = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1),
  /** Name of the service that wrote the event. */
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal("application/json"),
  data: z.unknown(),
});

export type PlatformEvent<D = unknown> = z.infer<typeof eventSchema> & { data: D };

/** Header that tells a structured event from other messages. */
export const CONTENT_TYPE = "content-type";
export const EVENT_CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8";

/** The message is no event of this platform: trying again does not help. */
export class EnvelopeError extends Error {
  public override readonly name = "EnvelopeError";
}

/** Completes an event. Do it once for each event, and keep what it returns where the event may be written again. */
export const envelope = <D>(source: string, event: NewEvent<D>): PlatformEvent<D> => ({
  specversion: "1.0",
  id: event.id ?? randomUUID(),
  source,
  type: event.type,
  subject: event.subject,
  time: event.time ?? new Date().toISOString(),
  datacontenttype: "application/json",
  data: event.data,
});

/** @throws EnvelopeError if the message is not an event */
export function parseEvent(value: Buffer | undefined): PlatformEvent {
  let input: unknown;
  try {
    input = JSON.parse(String(value));
  } catch {
    throw new EnvelopeError("the message is not JSON");
  }
  const { success, data, error } = eventSchema.safeParse(input);
  if (!success) {
    const faults = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new EnvelopeError(`the message is not an event: ${faults.join("; ")}`);
  }
  return data;
}
