/** The outputs of a stack, as `pulumi stack output` shows them. Types only. */
import type { EndpointName } from "../catalog/servers";
import type { ServiceName } from "../catalog/services";
import type { ServiceConnections } from "./connections";

/** Where a server answers, without a secret. */
export interface AccessPoint {
  /** host:port, or a URL where the protocol is HTTP. */
  address: string;
  /** Name of the container that answers; absent if the stack does not run the server. */
  container?: string;
  /**
   * The same as containers on the platform's network name it; that of a server outside of the network is its address.
   * Absent where no service connects to it.
   */
  internalAddress?: string;
}

/** Access points by name, such as `postgres` or `schemaRegistry`. */
export type AccessPoints = Readonly<Record<string, AccessPoint>>;

export interface Credentials {
  username: string;
  password: string;
}

export interface Outputs {
  /** An access point that the stack does not have is left out. */
  accessPoints: Partial<Record<EndpointName, AccessPoint>>;
  /** What each service connects with; secret. */
  services: Record<ServiceName, ServiceConnections>;
  /** SHA-256 of `services`: changes whenever a service has to read its settings again. */
  servicesRevision: string;
  /** Authorities that clients are to trust, as PEM; absent if connections are not encrypted. */
  trustedCertificates?: string;
  /**
   * The rights that each service's given user of Redis must have, in the form that ElastiCache takes; absent if the
   * stack makes the users.
   */
  redisAccessStrings?: Partial<Record<ServiceName, string>>;
  /** Logins of the administrators (Redis with given users may have none), and of the operators' principal on the broker; secret. */
  administrators: Record<"postgres" | "kafka" | "kafkaOperator", Credentials> &
    Partial<Record<"redis" | "redisSession", Credentials>>;
}
