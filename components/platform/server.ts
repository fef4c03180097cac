/**
 * What servers have in common, whichever system they run and whether the stack started them or found them.
 * What lives on a server (databases, users, topics) knows it by such an interface alone, and asks what it can do
 * instead of what kind it is. The containers are the first implementations.
 */
import type * as pulumi from "@pulumi/pulumi";

export interface Server {
  /** The login that creates databases, users and topics. */
  readonly administrator: {
    readonly username: string;
    /** Secret. */
    readonly password: pulumi.Output<string>;
  };
  /** PEM of the authorities that clients are to trust, or `system`; undefined if connections are not encrypted. */
  readonly trusted?: pulumi.Output<string>;
  /** What to wait for until the server answers; undefined if it already does. */
  readonly ready?: pulumi.Resource | pulumi.Resource[];
  /** The resource whose deletion deletes the server's data; undefined for a server that outlives the stack. */
  readonly lifetime?: pulumi.Resource;
  /** Name of its container; undefined if the stack does not run it. */
  readonly containerName?: string;
  /** Port on the platform's network, where its container is a host; undefined if the stack does not run it. */
  readonly internalPort?: number;
}
