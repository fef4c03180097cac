import { Platform } from "../../../client/src";
import { platform } from "./hooks";

import "../../support/with-resolvers";

/** Platforms that a test made, by the client of services. */
const made: Platform[] = [];
/** What they reported. */
export const warnings: string[] = [];

/** The client of a service of stack `dev`. */
export function clientOf(service: string): Platform {
  const client = new Platform(service, {
    connections: platform().outputs.services[service],
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
