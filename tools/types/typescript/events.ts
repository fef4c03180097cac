import { eventConstants, topicConstants } from "../events";

/** The module of topic names and event types. */
export function eventsModule(): string {
  return [
    "// Generated from catalog/topics.ts by `npm run types`. Edit that, not this file.\n\n",
    "/** Names of the topics. A stack on shared servers begins them with its prefix. */\n",
    "export const Topic = {\n",
    ...topicConstants.map(({ constant, value }) => `  ${constant}: ${JSON.stringify(value)},\n`),
    "} as const;\n",
    "export type Topic = (typeof Topic)[keyof typeof Topic];\n\n",
    "/** Types of the events, with their versions. */\n",
    "export const EventType = {\n",
    ...eventConstants.map(({ constant, value }) => `  ${constant}: ${JSON.stringify(value)},\n`),
    "} as const;\n",
    "export type EventType = (typeof EventType)[keyof typeof EventType];\n\n",
    "/** The topic that carries the events of a type. */\n",
    "export const TOPIC_OF = {\n",
    ...eventConstants.map(({ value, topic }) => `  ${JSON.stringify(value)}: Topic.${topic},\n`),
    "} as const satisfies Record<EventType, Topic>;\n",
  ].join("");
}
