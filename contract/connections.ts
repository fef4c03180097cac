/**
 * What a service connects with. The schema is the client's, which reads it; these are its types only, so that a program
 * needs neither the client's code nor Pulumi.
 */
import type { DatabaseConnection } from "../client/src/connections";

export type {
  KafkaLogin,
  Login,
  RedisLogin,
  SaslMechanism,
  ServiceConnections,
} from "../client/src/connections";

export type DatabaseLogin = Omit<DatabaseConnection, "pool">;
