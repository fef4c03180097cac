import type { Client, ClientConfig } from "pg";

import { connected } from "../../components/postgres/postgres-client";
import { ANSWER_MS } from "./finding";

/** By which the report's own sessions are told from those of services. */
export const APPLICATION = "learning-platform-verify";

/** Acts on a database over a connection of its own. @throws what `connected` throws, also where an answer takes long */
export const withDatabase = <T>(
  config: ClientConfig,
  act: (client: Client) => Promise<T>,
): Promise<T> =>
  connected(
    {
      ...config,
      application_name: APPLICATION,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
    },
    act,
  );
