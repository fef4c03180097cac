/** Topics, users and rights on the broker that are not as the stack left them. */
import { ownRights, rightsOf, userPrincipal } from "../../components/kafka/kafka-acls";
import {
  accepts,
  asAdministrator,
  type KafkaAcl,
  type KafkaAdministrator,
  KafkaUnreachableError,
} from "../../components/kafka/kafka-client";
import { type KafkaRightsInputs, serverOf } from "../../components/kafka/kafka-rights-inputs";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import { difference } from "./difference";
import type { Drift, DriftReport } from "./drift";

/** What the check asks of a broker. */
interface Broker extends Pick<KafkaAdministrator, "acls" | "topics"> {
  /** Whether a user may log in with a password. */
  accepts(username: string, password: string): Promise<boolean>;
}

export async function checkBroker(resources: readonly StackResource[]): Promise<DriftReport> {
  // The inputs of each set of rights say where the broker is, and who administers it.
  const known = resources.find(({ type }) => type === TYPES.rights);
  if (!known) {
    return { found: [], unanswered: [] };
  }
  const server = serverOf(known.inputs as unknown as KafkaRightsInputs);
  const title = `Kafka API at ${server.bootstrapServers}`;
  try {
    const found = await asAdministrator(server, (administrator) =>
      compareBroker(resources, {
        acls: () => administrator.acls(),
        topics: (settings) => administrator.topics(settings),
        accepts: (username, password) => accepts({ ...server, username, password }),
      }),
    );
    return { found, unanswered: [] };
  } catch (error) {
    if (error instanceof KafkaUnreachableError) {
      return { found: [], unanswered: [title] };
    }
    const sentence = `${title}: ${(error as Error).message}`;
    const advice = "docs/rotation.md says how to set its administrator's password.";
    return { found: [{ sentence, advice }], unanswered: [] };
  }
}

/** Compares the resources with a broker that answers. */
export async function compareBroker(
  resources: readonly StackResource[],
  broker: Broker,
): Promise<Drift[]> {
  const ofType = (wanted: string) => resources.filter(({ type }) => type === wanted);
  const found = await Promise.all([
    compareTopics(ofType(TYPES.topic), broker),
    compareUsers(ofType(TYPES.brokerUser), broker),
    compareRights(ofType(TYPES.rights), broker),
  ]);
  return found.flat();
}

interface TopicInputs {
  name: string;
  partitions: number;
  replicationFactor: number;
  config?: Record<string, string>;
}

async function compareTopics(resources: StackResource[], broker: Broker): Promise<Drift[]> {
  const wanted = resources.map(({ urn, inputs }) => ({
    urn,
    ...(inputs as unknown as TopicInputs),
  }));
  const topics = await broker.topics(
    Object.fromEntries(wanted.map(({ name, config = {} }) => [name, Object.keys(config)])),
  );
  return wanted.flatMap(({ urn, name, partitions, replicationFactor, config = {} }) => {
    const topic = topics.get(name);
    if (!topic) {
      return [{ urn, sentence: `topic ${name}: missing, with its records; up recreates it empty` }];
    }
    const differences = [
      ...(topic.partitions === partitions
        ? []
        : [difference("partitions", topic.partitions, partitions)]),
      ...(topic.copies === replicationFactor
        ? []
        : [difference("copies", topic.copies, replicationFactor)]),
      ...Object.entries(config)
        .filter(([setting, value]) => topic.config[setting] !== value)
        .map(([setting, value]) => difference(setting, topic.config[setting], value)),
    ];
    return differences.map((text) => ({ urn, sentence: `topic ${name}: ${text}` }));
  });
}

/** Logs in as each user: a list of users would not tell whether the mechanism and the password are right. */
async function compareUsers(resources: StackResource[], broker: Broker): Promise<Drift[]> {
  const found = await Promise.all(
    resources.map(async ({ urn, inputs }) => {
      const { username, password } = inputs as { username: string; password: string };
      return (await broker.accepts(username, password))
        ? []
        : [
            {
              urn,
              sentence: `broker user ${username}: missing, or its password is not the stack's`,
              advice: `If its password was changed, renew it with npm run rotate -- ${username}, or as docs/rotation.md says.`,
            },
          ];
    }),
  );
  return found.flat();
}

async function compareRights(resources: StackResource[], broker: Broker): Promise<Drift[]> {
  const held = new Map<string, KafkaAcl[]>();
  for (const acl of resources.length > 0 ? await broker.acls() : []) {
    held.set(acl.principal, [...(held.get(acl.principal) ?? []), acl]);
  }
  return resources.flatMap(({ urn, outputs }) => {
    const {
      principal,
      rights,
      made = rights,
      atLeast,
    } = outputs as unknown as KafkaRightsInputs & {
      made?: KafkaRightsInputs["rights"];
    };
    const found = ownRights(rightsOf(held.get(userPrincipal(principal)) ?? []), made, atLeast);
    const lines = [...new Set([...Object.keys(made), ...Object.keys(found)])];
    return lines
      .filter((line) => made[line] !== found[line])
      .map((line) => ({ urn, sentence: `rights of ${principal}: ${changeOf(line)}` }));

    function changeOf(line: string): string {
      if (!(line in found)) {
        return `${line} is missing`;
      }
      return line in made
        ? difference(line, found[line], made[line])
        : `${line} was added (${found[line]})`;
    }
  });
}
