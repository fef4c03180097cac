import assert from "node:assert/strict";

import { type HbaSettings, pgHba } from "../../../components/postgres-hba";

const settings: HbaSettings = {
  superuser: "postgres",
  hostAddresses: ["172.20.0.1"],
  adminAddresses: [],
  tls: false,
  logins: [{ database: "one_db", roles: ["one_app", "one_readonly"] }],
};

/** The lines that decide, in their order. */
const rules = (more: Partial<HbaSettings> = {}) =>
  pgHba({ ...settings, ...more })
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));

describe("pg_hba.conf", () => {
  it("asks for a password on every line but the one that refuses", () => {
    const methods = rules({ adminAddresses: ["10.0.2.2/32"] }).map((line) => line.split(" ").pop());
    assert.deepStrictEqual(methods, [
      ...["scram-sha-256", "scram-sha-256", "scram-sha-256"],
      "reject",
      ...["scram-sha-256", "scram-sha-256"],
    ]);
  });

  it("admits the superuser from the host before it refuses it on the network", () => {
    const lines = rules();
    const host = lines.indexOf("host all postgres 172.20.0.1/32 scram-sha-256");
    assert.ok(host >= 0 && host < lines.indexOf("host all postgres samenet reject"));
  });

  it("refuses the superuser on the network whichever addresses are added", () => {
    const lines = rules({ adminAddresses: ["172.0.0.0/8"] });
    const added = lines.indexOf("host all postgres 172.0.0.0/8 scram-sha-256");
    assert.ok(added > lines.indexOf("host all postgres samenet reject"));
  });

  it("knows the host by each of its addresses, each standing for itself alone", () => {
    const lines = rules({ hostAddresses: ["172.20.0.1", "fd00::1"] });
    for (const address of ["172.20.0.1/32", "fd00::1/128"]) {
      assert.ok(lines.includes(`host all postgres ${address} scram-sha-256`), address);
    }
  });

  it("admits a role to its own database, wherever it comes from", () => {
    assert.strictEqual(rules().at(-1), "host one_db one_app,one_readonly all scram-sha-256");
  });

  it("with TLS has no line that fits a connection in clear, but the one that refuses", () => {
    const kinds = rules({ tls: true, adminAddresses: ["10.0.2.2/32"] }).map((line) => {
      const [kind, ...rest] = line.split(" ");
      return [kind, rest.at(-1)];
    });
    assert.deepStrictEqual(kinds, [
      ["local", "scram-sha-256"],
      ["hostssl", "scram-sha-256"],
      ["hostssl", "scram-sha-256"],
      ["host", "reject"],
      ["hostssl", "scram-sha-256"],
      ["hostssl", "scram-sha-256"],
    ]);
  });
});
