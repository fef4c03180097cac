/** What an administrator does by hand to the servers of stack `dev`. */
import { type Admin, ConfigResourceTypes } from "kafkajs";

import { RegistryClient } from "../../../components/kafka/registry-client";
import { kafkaAs, withDatabase, withRedis } from "./clients";
import { platform } from "./hooks";

/** The rows of the last statement. */
export async function inDatabase<T extends object>(database: string, sql: string): Promise<T[]> {
  const { administrators, accessPoints } = platform().outputs;
  const { username, password } = administrators.postgres;
  const url = `postgresql://${username}:${password}@${accessPoints.postgres.address}/${database}`;
  return withDatabase(url, async (client) => (await client.query<T>(sql)).rows);
}

export async function inRedis(
  key: "redis" | "redisSession",
  ...command: string[]
): Promise<unknown> {
  const { administrators, accessPoints } = platform().outputs;
  const { username, password } = administrators[key]!;
  const url = `redis://${username}:${password}@${accessPoints[key].address}`;
  return withRedis(url, (client) => client.sendCommand(command));
}

export async function onBroker<T>(act: (admin: Admin) => Promise<T>): Promise<T> {
  const { administrators, accessPoints } = platform().outputs;
  const admin = kafkaAs(accessPoints.kafka.address, administrators.kafka).admin();
  await admin.connect();
  try {
    return await act(admin);
  } finally {
    await admin.disconnect();
  }
}

/** The schema registry, as the administrator of the broker. */
export function inRegistry(): RegistryClient {
  const { administrators, accessPoints } = platform().outputs;
  const { address: url } = accessPoints.schemaRegistry!;
  return new RegistryClient({ url, login: administrators.kafka });
}

/** Sets the retention of user-events in milliseconds, and leaves its other settings as the stack made them. */
export const setRetention = (ms: number) =>
  onBroker((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: "user-events",
          configEntries: [
            { name: "cleanup.policy", value: "delete" },
            { name: "compression.type", value: "snappy" },
            { name: "retention.ms", value: String(ms) },
          ],
        },
      ],
    }),
  );
