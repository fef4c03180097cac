import * as pulumi from "@pulumi/pulumi";

import { sharedName } from "../../catalog/names";
import { EVENT_TYPES, SCHEMA_COMPATIBILITY, SCHEMA_DIRECTORY, topicOf } from "../../catalog/topics";
import {
  type EventSchemas as Files,
  EventSchemasError,
  readEventSchemas,
} from "../../event-schemas";
import { DynamicResource } from "../platform/dynamic-resource";
import type { EventSchemasInputs, SchemaHashes } from "./event-schemas-inputs";
import type { KafkaCluster } from "./kafka-cluster";

export interface EventSchemasArgs {
  cluster: KafkaCluster;
  /** Who registers them. */
  login: { username: string; password: pulumi.Input<string> };
  /** Start of the names on the cluster (catalog/names.ts). */
  prefix: string;
  /** Whether they go with the stack. */
  deletes: boolean;
}

/**
 * The schemas of all events in the registry, each event type in a subject of its own. One resource for all of them: 19
 * would cost an update more than the registry does. The inputs name the hash of each version, so that a preview shows
 * which will be registered.
 * @throws pulumi.RunError while the program loads, if a file is invalid or breaks a version before it
 */
export class EventSchemas extends DynamicResource {
  constructor(
    name: string,
    { cluster, login, prefix, deletes }: EventSchemasArgs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    const { schemaRegistry, trusted } = cluster;
    const registryUrl = schemaRegistry!.url;
    const inputs: { [K in keyof EventSchemasInputs]: pulumi.Input<EventSchemasInputs[K]> } = {
      ...{ registryUrl, username: login.username, password: pulumi.secret(login.password) },
      ...(registryUrl.startsWith("https:") && trusted !== undefined ? { trusted } : {}),
      directory: SCHEMA_DIRECTORY,
      level: SCHEMA_COMPATIBILITY,
      schemas: hashesOf(readFiles(), prefix),
      ...(deletes ? { deletes } : {}),
    };
    super("event-schemas", "kafka:EventSchemas", name, inputs, {
      ...opts,
      additionalSecretOutputs: ["password"],
    });
  }
}

function readFiles(): Files {
  try {
    return readEventSchemas(SCHEMA_DIRECTORY, EVENT_TYPES);
  } catch (error) {
    // Without a stack trace: this is no bug of the program.
    throw error instanceof EventSchemasError ? new pulumi.RunError(error.message) : error;
  }
}

function hashesOf(files: Files, prefix: string): SchemaHashes {
  const hashes: Record<string, Record<string, string[]>> = {};
  for (const [type, versions] of Object.entries(files)) {
    (hashes[sharedName(prefix, topicOf(type))] ??= {})[type] = versions.map(({ hash }) => hash);
  }
  return hashes;
}
