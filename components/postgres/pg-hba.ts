/** Roles that may log in to a database. The server asks each for its password. */
export interface DatabaseLogins {
  database: string;
  roles: readonly string[];
}

export interface HbaSettings {
  superuser: string;
  /** The host's own addresses on the platform's network. Other addresses there are those of containers. */
  hostAddresses: readonly string[];
  /** Whether a connection over the network must be encrypted. */
  tls: boolean;
  logins: readonly DatabaseLogins[];
  /** Role with which replicas in containers log in; undefined where there is none. */
  replicator?: string;
}

/** The keyword for replication, and the server's own database, where a replica reads the state of its slot. */
const REPLICATION = "replication,postgres";

const METHOD = "scram-sha-256";

/**
 * The server's pg_hba.conf. The first matching line decides, and a connection without a matching line is refused:
 * those of a service's roles to other databases, and every replication connection, which `all` does not include. Where
 * there are replicas, their role may open one from another container of the network, and from nowhere else.
 *
 * Container engines differ in the address at which the server sees the host (docs/isolation.md has the list), so the
 * superuser's lines name no addresses but the network's gateways. They rely on this: a connection from outside the
 * server's networks and its own machine can only come through the port that is published on the loopback address.
 */
export function pgHba(settings: HbaSettings): string {
  const { superuser, hostAddresses, tls, logins, replicator } = settings;
  // Then no line matches an unencrypted connection, which is refused before the server asks for a password.
  const network = tls ? "hostssl" : "host";
  const lines = [
    // Inside the container, which only users of the container engine can enter.
    ["local", "all", superuser, "", METHOD],
    ...hostAddresses.map((address) => [network, "all", superuser, wholeAddress(address), METHOD]),
    // Processes in the container, and the host if a port forwarder connects from inside.
    [network, "all", superuser, "samehost", METHOD],
    // Any other address on a network of the container is another container.
    ["host", "all", superuser, "samenet", "reject"],
    [network, "all", superuser, "all", METHOD],
    ...logins.map(({ database, roles }) => [network, database, roles.join(","), "all", METHOD]),
    ...(replicator === undefined
      ? []
      : [
          ...[...hostAddresses.map(wholeAddress), "samehost"].map((address) => [
            ...["host", REPLICATION, replicator, address, "reject"],
          ]),
          [network, REPLICATION, replicator, "samenet", METHOD],
        ]),
  ];
  return [
    "# TYPE DATABASE USER ADDRESS METHOD",
    ...lines.map((line) => line.filter(Boolean).join(" ")),
    "",
  ].join("\n");
}

/** An address with the mask that matches it alone. */
const wholeAddress = (address: string) => `${address}/${address.includes(":") ? 128 : 32}`;
