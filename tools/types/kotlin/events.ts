import { kotlinString } from "../column-types";
import { eventConstants, topicConstants } from "../events";
import { EVENTS_PACKAGE, fileOf, kotlinFile } from "./source";

const ORIGIN = "catalog/topics.ts";

/** The files of topic names and event types by path. */
export const eventFiles = (): [string, string][] => [
  [fileOf(EVENTS_PACKAGE, "Topics"), kotlinFile(EVENTS_PACKAGE, ORIGIN, topics())],
  [fileOf(EVENTS_PACKAGE, "EventType"), kotlinFile(EVENTS_PACKAGE, ORIGIN, eventType())],
];

function topics(): string {
  return [
    "/** Names of the topics. A stack on shared servers begins them with its prefix. */\n",
    "object Topics {\n",
    ...topicConstants.map(
      ({ constant, value }) => `    const val ${constant} = ${kotlinString(value)}\n`,
    ),
    "}\n",
  ].join("");
}

function eventType(): string {
  return [
    "/** Types of the events, with their versions, and the topic that carries them. */\n",
    "enum class EventType(@get:JsonValue val type: String, val topic: String) {\n",
    ...eventConstants.map(
      ({ constant, value, topic }) => `    ${constant}(${kotlinString(value)}, Topics.${topic}),\n`,
    ),
    "}\n",
  ].join("");
}
