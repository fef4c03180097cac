import { Platform, type ServiceConnections } from "../../../client/src";
import { platform } from "./hooks";

import "../../support/with-resolvers";

/** Platforms that a test made, by the client of services. */
const made: Platform[] = [];
/** What they reported. */
export const warnings: string[] = [];

/** The client of a service of stack `dev`. */
export const clientOf = (service: string): Platform =>
  connect(service, platform().outputs.services[service]);

/** A client that has no more than the operators' principal on the broker, who reads what no service may. */
export function clientOfOperator(): Platform {
  const { services, administrators } = platform().outputs;
  const { username } = administrators.kafkaOperator;
  return connect(username, {
    ...services["user-service"],
    kafka: {
      ...services["user-service"].kafka,
      ...administrators.kafkaOperator,
      ...{ groupId: username, groupPrefix: `${username}.` },
    },
  });
}

function connect(name: string, connections: ServiceConnections): Platform {
  const client = new Platform(name, {
    connections,
    // A busy machine takes its time.
    cacheReadLimitMs: 3_000,
    // Tests put into events what they look for.
    checksEvents: false,
    log: { warn: (message) => void warnings.push(message) },
  });
  made.push(client);
  return client;
}

/** Closes what `clientOf` made. */
export async function closeClients(): Promise<void> {
  await Promise.all(made.splice(0).map((client) => client.close()));
  warnings.splice(0);
}
