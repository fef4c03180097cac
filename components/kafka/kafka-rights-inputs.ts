import type { Rights } from "../../catalog/right-lines";
import type { KafkaServer } from "./kafka-client";

/** What the state holds of one user's rights on the broker. */
export interface KafkaRightsInputs {
  /** host:port */
  bootstrapServers: string;
  adminUsername: string;
  adminPassword: string;
  /** PEM of the authorities to trust; absent if the connection is not encrypted. */
  trusted?: string;
  /** Name of the user who has the rights. */
  principal: string;
  /** All rights of the user: "allow" by line, such as `Read topic user-events` (catalog/right-lines.ts). */
  rights: Rights;
}

/** Where the broker is, and who administers it. */
export const serverOf = (inputs: KafkaRightsInputs): KafkaServer => ({
  bootstrapServers: inputs.bootstrapServers,
  username: inputs.adminUsername,
  password: inputs.adminPassword,
  trusted: inputs.trusted,
});
