import type { Rights } from "../../catalog/right-lines";
import type { SaslMechanism } from "../../contract/connections";
import type { KafkaServer } from "./kafka-client";

/** Of a resource on the broker: where that is, and who administers it. */
export interface KafkaConnectionInputs {
  /** host:port, or several with commas between them */
  bootstrapServers: string;
  /** With which the administrator logs in; absent for SCRAM-SHA-256. */
  saslMechanism?: SaslMechanism;
  adminUsername: string;
  adminPassword: string;
  /** PEM of the authorities to trust; absent if the connection is not encrypted. */
  trusted?: string;
}

/** What the state holds of one user's rights on the broker. */
export interface KafkaRightsInputs extends KafkaConnectionInputs {
  /** Name of the user who has the rights. */
  principal: string;
  /** All rights of the user: "allow" by line, such as `Read topic user-events` (catalog/right-lines.ts). */
  rights: Rights;
  /** Stated where others give the user rights as well: what it has beyond `rights` is then nobody's business here. */
  atLeast?: true;
  /** Stated where the consumer groups that the user may delete go with its rights. Those with members stay. */
  deletesGroups?: true;
}

/** Where the broker is, and who administers it. */
export const serverOf = (inputs: KafkaConnectionInputs): KafkaServer => ({
  bootstrapServers: inputs.bootstrapServers,
  saslMechanism: inputs.saslMechanism,
  username: inputs.adminUsername,
  password: inputs.adminPassword,
  trusted: inputs.trusted,
});
