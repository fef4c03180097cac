/** Who may try to log in to which database; the password is asked for in every case. */
export interface DatabaseLogins {
  database: string;
  roles: readonly string[];
}

export interface HbaSettings {
  superuser: string;
  /** Addresses at which the server sees the host: its own on the platform's network. */
  hostAddresses: readonly string[];
  /** Further addresses, each with its mask, from which the superuser may log in. */
  adminAddresses: readonly string[];
  /** Whether a connection over the network must be encrypted. */
  tls: boolean;
  logins: readonly DatabaseLogins[];
}

const METHOD = "scram-sha-256";

/**
 * The server's pg_hba.conf. The first line that fits decides, and whoever fits none is refused:
 * each service's roles outside of their database, and every replication connection, since `all`
 * does not stand for those.
 */
export function pgHba(settings: HbaSettings): string {
  const { superuser, hostAddresses, adminAddresses, tls, logins } = settings;
  // No line fits a connection in clear then, so that it is refused before a password is asked for.
  const network = tls ? "hostssl" : "host";
  const lines = [
    // Inside the container, for which somebody must hold the container engine already.
    ["local", "all", superuser, "", METHOD],
    [network, "all", superuser, "127.0.0.1/32", METHOD],
    ...hostAddresses.map((address) => [network, "all", superuser, wholeAddress(address), METHOD]),
    // Whatever else is on the platform's network is a container, whichever addresses follow.
    ["host", "all", superuser, "samenet", "reject"],
    ...adminAddresses.map((address) => [network, "all", superuser, address, METHOD]),
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
