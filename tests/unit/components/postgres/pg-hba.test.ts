import assert from "node:assert/strict";
import { BlockList, isIPv6 } from "node:net";

import { type HbaSettings, pgHba } from "../../../../components/postgres/pg-hba";

const settings: HbaSettings = {
  superuser: "postgres",
  hostAddresses: ["172.20.0.1", "fd00:20::1"],
  tls: false,
  logins: [
    { database: "one_db", roles: ["one_app", "one_readonly"] },
    { database: "two_db", roles: ["two_app"] },
  ],
};

/** The lines that decide, in their order. */
const rules = (more: Partial<HbaSettings> = {}) =>
  pgHba({ ...settings, ...more })
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

/** The server's own addresses, each with the bits of its network: container, loopback, link. */
const OWN: [address: string, bits: number][] = [
  ["172.20.0.2", 16],
  ["fd00:20::2", 64],
  ["fe80::2", 64],
  ["127.0.0.1", 8],
  ["::1", 128],
];

interface Connection {
  database?: string;
  user?: string;
  /** Absent for the socket inside the container. */
  address?: string;
  encrypted?: boolean;
}

const family = (address: string) => (isIPv6(address) ? "ipv6" : "ipv4");

/** Whether the server's address column fits, as PostgreSQL's manual has it (20.1, "The pg_hba.conf File"). */
function fits(column: string, address: string): boolean {
  const list = new BlockList();
  if (column === "all") {
    return true;
  } else if (column === "samehost") {
    OWN.forEach(([own]) => list.addAddress(own, family(own)));
  } else if (column === "samenet") {
    OWN.forEach(([own, bits]) => list.addSubnet(own, bits, family(own)));
  } else {
    const [net, bits] = column.split("/");
    list.addSubnet(net, Number(bits), family(net));
  }
  return list.check(address, family(address));
}

/** The method of the first line that fits; `none` where none does. */
function answer(lines: string[], connection: Connection): string {
  const { database = "postgres", user = "postgres", address, encrypted = false } = connection;
  for (const line of lines) {
    const [type, databases, users, ...rest] = line.split(" ");
    const isOfKind =
      address === undefined
        ? type === "local"
        : type === "host" || (type === "hostssl" && encrypted);
    const method = rest.pop()!;
    if (
      isOfKind &&
      (databases.split(",").includes(database) ||
        (databases === "all" && database !== "replication")) &&
      users.split(",").includes(user) &&
      (address === undefined || fits(rest[0], address))
    ) {
      return method;
    }
  }
  return "none";
}

const PASSWORD = "scram-sha-256";

describe("pg_hba.conf", () => {
  const superuser: [title: string, address: string | undefined, method: string][] = [
    ["from the socket in the container", undefined, PASSWORD],
    ["from the host, which Docker's proxy shows as the gateway", "172.20.0.1", PASSWORD],
    ["from the host, shown as the gateway of IPv6", "fd00:20::1", PASSWORD],
    ["from the host, which Docker Desktop shows as 192.168.65.1", "192.168.65.1", PASSWORD],
    ["from the host, which slirp4netns shows as 10.0.2.2", "10.0.2.2", PASSWORD],
    ["from the host, which slirp4netns shows as 10.0.2.100", "10.0.2.100", PASSWORD],
    ["from the host, which a forwarder shows as the container itself", "172.20.0.2", PASSWORD],
    ["from the host, shown as the container itself by IPv6", "fd00:20::2", PASSWORD],
    ["from a process in the container", "127.0.0.1", PASSWORD],
    ["from a process in the container by IPv6", "::1", PASSWORD],
    ["from another container of the network", "172.20.0.3", "reject"],
    ["from another container at the network's end", "172.20.255.254", "reject"],
    ["from another container by IPv6", "fd00:20::3", "reject"],
    ["from another container by its link's address", "fe80::3", "reject"],
    ["from another address of the loopback", "127.0.0.2", "reject"],
  ];
  for (const [title, address, method] of superuser) {
    const does =
      method === "reject" ? "refuses the superuser" : "asks the superuser for a password";
    it(`${does} ${title}`, () => {
      assert.strictEqual(answer(rules(), { address }), method);
      assert.strictEqual(answer(rules(), { address, database: "one_db" }), method);
    });

    if (address !== undefined) {
      it(`with TLS ${does} ${title}, and refuses it unencrypted`, () => {
        const lines = rules({ tls: true });
        assert.strictEqual(answer(lines, { address, encrypted: true }), method);
        assert.match(answer(lines, { address }), /^(none|reject)$/);
      });
    }
  }

  it("asks for a password on every line except the one that refuses", () => {
    const methods = rules().map((line) => line.split(" ").pop());
    assert.deepStrictEqual([...new Set(methods)].sort(), ["reject", PASSWORD]);
    assert.strictEqual(methods.filter((method) => method === "reject").length, 1);
  });

  for (const address of ["172.20.0.1", "172.20.0.3", "192.168.65.1", "fd00:20::3"]) {
    it(`lets a role log in only to its own database from ${address}`, () => {
      const ask = (user: string, database: string) => answer(rules(), { user, database, address });
      assert.strictEqual(ask("one_app", "one_db"), PASSWORD);
      assert.strictEqual(ask("one_readonly", "one_db"), PASSWORD);
      for (const database of ["two_db", "postgres", "replication"]) {
        assert.strictEqual(ask("one_app", database), "none", database);
      }
      assert.strictEqual(ask("stranger", "one_db"), "none");
    });
  }

  describe("where there are replicas", () => {
    const replicating = { replicator: "replicator" };
    const ask = (address: string | undefined, encrypted = false, more: Partial<HbaSettings> = {}) =>
      answer(rules({ ...replicating, ...more }), {
        ...{ user: "replicator", database: "replication", address, encrypted },
      });

    it("lets their role replicate from another container of the network", () => {
      assert.strictEqual(ask("172.20.0.3"), PASSWORD);
      assert.strictEqual(ask("fd00:20::3"), PASSWORD);
      assert.strictEqual(ask("172.20.0.3", true, { tls: true }), PASSWORD);
      assert.strictEqual(ask("172.20.0.3", false, { tls: true }), "none");
    });

    for (const address of ["172.20.0.1", "fd00:20::1", "172.20.0.2", "127.0.0.1"]) {
      it(`refuses it from the host and from the server itself, as ${address}`, () => {
        assert.strictEqual(ask(address), "reject");
        assert.strictEqual(ask(address, true, { tls: true }), "reject");
      });
    }

    it("refuses it from elsewhere and through the socket, and on every service's database", () => {
      for (const address of ["192.168.65.1", "10.0.2.2", undefined]) {
        assert.strictEqual(ask(address), "none", address);
      }
      const on = (database: string) =>
        answer(rules(replicating), { user: "replicator", database, address: "172.20.0.3" });
      assert.deepStrictEqual([on("one_db"), on("postgres")], ["none", PASSWORD]);
    });

    it("refuses replication by any other role", () => {
      for (const user of ["one_app", "postgres"]) {
        const login = { user, database: "replication", address: "172.20.0.1" };
        assert.strictEqual(answer(rules(replicating), login), "none");
      }
    });
  });

  it("lets no role log in through the socket, and with TLS none unencrypted", () => {
    const role = { user: "one_app", database: "one_db" };
    assert.strictEqual(answer(rules(), role), "none");
    const lines = rules({ tls: true });
    assert.strictEqual(answer(lines, { ...role, address: "172.20.0.3" }), "none");
    assert.strictEqual(
      answer(lines, { ...role, address: "172.20.0.3", encrypted: true }),
      PASSWORD,
    );
  });
});
