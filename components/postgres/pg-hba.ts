/** Who may try to log in to which database; the password is asked for in every case. */
export interface DatabaseLogins {
  database: string;
  roles: readonly string[];
}

export interface HbaSettings {
  superuser: string;
  /** The host's own addresses on the platform's network, where other addresses are containers'. */
  hostAddresses: readonly string[];
  /** Whether a connection over the network must be encrypted. */
  tls: boolean;
  logins: readonly DatabaseLogins[];
}

const METHOD = "scram-sha-256";

/**
 * The server's pg_hba.conf. The first line that fits decides, and whoever fits none is refused:
 * each service's roles outside of their database, and every replication connection, since `all`
 * does not stand for those.
 *
 * At which address the server sees the host differs from engine to engine (docs/isolation.md has the list),
 * so the superuser's lines name none but the network's gateways. They rest on this: what is neither on the
 * server's networks nor on its own machine can only come in by the port that is published on the loopback address.
 */
export function pgHba(settings: HbaSettings): string {
  const { superuser, hostAddresses, tls, logins } = settings;
  // No line fits a connection in clear then, so that it is refused before a password is asked for.
  const network = tls ? "hostssl" : "host";
  const lines = [
    // Inside the container, for which somebody must hold the container engine already.
    ["local", "all", superuser, "", METHOD],
    ...hostAddresses.map((address) => [network, "all", superuser, wholeAddress(address), METHOD]),
    // Processes in the container, and the host where a forwarder connects from in there.
    [network, "all", superuser, "samehost", METHOD],
    // Whatever else is on a network of the container is another container.
    ["host", "all", superuser, "samenet", "reject"],
    [network, "all", superuser, "all", METHOD],
    ...logins.map(({ database, roles }) => [network, database, roles.join(","), "all", METHOD]),
  ];
  return [
    "# TYPE DATABASE USER ADDRESS METHOD",
    ...lines.map((line) => line.filter(Boolean).join(" ")),
    "",
  ].join("\n");
}

/** The mask that makes an address stand for itself alone. */
const wholeAddress = (address: string) => `${address}/${address.includes(":") ? 128 : 32}`;
