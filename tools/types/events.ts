import { EVENT_TYPES, topicOf, TOPICS } from "../../catalog/topics";
import { FaultError } from "../../cli/fault";
import { constantCase } from "./names";

/** A name with the constant that holds it: USER_EVENTS for user-events. */
export interface NamedConstant {
  constant: string;
  value: string;
}

export interface EventConstant extends NamedConstant {
  /** Constant of the topic that carries the events. */
  topic: string;
}

/** Every topic of the catalogue. */
export const topicConstants: readonly NamedConstant[] = Object.keys(TOPICS).map((value) => ({
  constant: constantCase(value),
  value,
}));

/** Every event type of the catalogue. */
export const eventConstants: readonly EventConstant[] = EVENT_TYPES.map((value) => {
  const topic = topicOf(value);
  if (!(topic in TOPICS)) {
    throw new FaultError([`The event type ${value} needs a topic ${topic} in catalog/topics.ts.`]);
  }
  return { constant: constantCase(value), value, topic: constantCase(topic) };
});
