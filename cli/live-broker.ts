import { rightsOf, userPrincipal } from "../components/kafka/kafka-acls";
import {
  accepts,
  asAdministrator,
  type KafkaAcl,
  type KafkaAdministrator,
  KafkaUnreachableError,
} from "../components/kafka/kafka-client";
import { type KafkaRightsInputs, serverOf } from "../components/kafka/kafka-rights-inputs";
import type { Contradiction } from "./live-checks";
import { TYPES } from "./plan";
import type { KnownResource } from "./state";

/** What the check asks of a broker. */
interface Broker extends Pick<KafkaAdministrator, "acls" | "topics"> {
  /** Whether a user may log in with a password. */
  accepts(username: string, password: string): Promise<boolean>;
}

/** Topics, users and rights on the stack's broker that are not as they were made. */
export async function brokerContradictions(
  resources: readonly KnownResource[],
): Promise<Contradiction[]> {
  // Where the broker is, and who administers it, is in each set of rights.
  const known = resources.find(({ type }) => type === TYPES.rights);
  if (!known) {
    return [];
  }
  const server = serverOf(known.inputs as unknown as KafkaRightsInputs);
  try {
    return await asAdministrator(server, (administrator) =>
      compareBroker(resources, {
        acls: () => administrator.acls(),
        topics: (settings) => administrator.topics(settings),
        accepts: (username, password) => accepts({ ...server, username, password }),
      }),
    );
  } catch (error) {
    if (error instanceof KafkaUnreachableError) {
      return [];
    }
    const sentence = `Kafka API at ${server.bootstrapServers}: ${(error as Error).message}`;
    return [{ sentence, advice: "docs/rotation.md says how its administrator's password is set." }];
  }
}

/** What of the resources is otherwise on a broker that answers. */
export async function compareBroker(
  resources: readonly KnownResource[],
  broker: Broker,
): Promise<Contradiction[]> {
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
  config?: Record<string, string>;
}

async function compareTopics(resources: KnownResource[], broker: Broker): Promise<Contradiction[]> {
  const wanted = resources.map(({ urn, inputs }) => ({
    urn,
    ...(inputs as unknown as TopicInputs),
  }));
  const topics = await broker.topics(
    Object.fromEntries(wanted.map(({ name, config = {} }) => [name, Object.keys(config)])),
  );
  return wanted.flatMap(({ urn, name, partitions, config = {} }) => {
    const topic = topics.get(name);
    if (!topic) {
      return [{ urn, sentence: `topic ${name}: missing, with its records; up makes it empty` }];
    }
    const differences = [
      ...(topic.partitions === partitions
        ? []
        : [`partitions is ${topic.partitions}, should be ${partitions}`]),
      ...Object.entries(config)
        .filter(([setting, value]) => topic.config[setting] !== value)
        .map(
          ([setting, value]) =>
            `${setting} is ${topic.config[setting] ?? "not set"}, should be ${value}`,
        ),
    ];
    return differences.map((text) => ({ urn, sentence: `topic ${name}: ${text}` }));
  });
}

/** A login says more than a list of users: whether the user exists, by this mechanism and with this password. */
async function compareUsers(resources: KnownResource[], broker: Broker): Promise<Contradiction[]> {
  const found = await Promise.all(
    resources.map(async ({ urn, inputs }) => {
      const { username, password } = inputs as { username: string; password: string };
      return (await broker.accepts(username, password))
        ? []
        : [
            {
              urn,
              sentence: `broker user ${username}: missing, or its password is another than the stack's`,
              advice: `If its password was changed, npm run rotate -- ${username} renews it, or docs/rotation.md says how.`,
            },
          ];
    }),
  );
  return found.flat();
}

async function compareRights(resources: KnownResource[], broker: Broker): Promise<Contradiction[]> {
  const held = new Map<string, KafkaAcl[]>();
  for (const acl of resources.length > 0 ? await broker.acls() : []) {
    held.set(acl.principal, [...(held.get(acl.principal) ?? []), acl]);
  }
  return resources.flatMap(({ urn, outputs }) => {
    const {
      principal,
      rights,
      made = rights,
    } = outputs as unknown as KafkaRightsInputs & {
      made?: KafkaRightsInputs["rights"];
    };
    const found = rightsOf(held.get(userPrincipal(principal)) ?? []);
    const lines = [...new Set([...Object.keys(made), ...Object.keys(found)])];
    return lines
      .filter((line) => made[line] !== found[line])
      .map((line) => ({ urn, sentence: `rights of ${principal}: ${difference(line)}` }));

    function difference(line: string): string {
      if (!(line in found)) {
        return `${line} is missing`;
      }
      return line in made
        ? `${line} is ${found[line]}, should be ${made[line]}`
        : `${line} was added (${found[line]})`;
    }
  });
}
