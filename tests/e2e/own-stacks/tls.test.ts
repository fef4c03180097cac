import assert from "node:assert/strict";
import { randomUUID, X509Certificate } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { request as requestInClear } from "node:http";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { connect } from "node:tls";

import { createClient } from "@redis/client";
import { Kafka, logLevel } from "kafkajs";
import { Client, type ClientConfig } from "pg";

import { issueAuthority, issueServer } from "../../../certificates/issue";
import type { Report } from "../../../cli/verify/report";
import { Platform } from "../../../client/src";
import type { ServiceConnections } from "../../../contract/connections";
import { Checkout } from "../support/checkout";
import type { Outputs } from "../support/clients";
import { docker, named, openPorts } from "../support/docker";
import { readOutputs } from "../support/hooks";

import "../../support/with-resolvers";

const STACK = "tls";
const PREFIX = `learning-platform-${STACK}`;
const SERVICE = "user-service";

const KEY = `${SERVICE}:kept`;

type RedisLogin = Pick<ServiceConnections["cache"], "host" | "port" | "username" | "password">;

/** Which authority a client trusts, or no encryption. */
type Trust = { ca: string } | "the system's authorities" | "no TLS";

const portOf = (address: string) => Number(/:(\d+)$/.exec(address)![1]);

describe("A stack with TLS", () => {
  let checkout: Checkout;
  let outputs: Outputs;
  let service: ServiceConnections;
  let trusted: { ca: string };

  async function configure(lines: string[]): Promise<string> {
    const all = ["protect: false", ...lines].map((line) => `  learning-platform:${line}\n`);
    writeFileSync(checkout.path(`Pulumi.${STACK}.yaml`), `config:\n${all.join("")}`);
    const printed = await checkout.npmOk("up", ["--stack", STACK]);
    outputs = await readOutputs(checkout, STACK);
    service = outputs.services[SERVICE];
    trusted = { ca: service.trustedCertificates ?? "" };
    return printed;
  }

  /** Checks the data that was written without TLS. */
  async function assertKept(): Promise<void> {
    const trust = service.trustedCertificates === undefined ? "no TLS" : trusted;
    assert.equal(await onPostgres(trust, "select email as found from users"), "kept@example.com");
    assert.equal(await onRedis(service.session!, trust, (client) => client.get(KEY)), "kept");
  }

  before(async () => {
    checkout = new Checkout();
    await configure(["tls: false"]);
    const clear = "no TLS";
    const row = "('kept@example.com', 'x', 'Kept', 'Row')";
    await onPostgres(
      clear,
      `insert into users (email, password_hash, first_name, last_name) values ${row} returning id as found`,
    );
    await onRedis(service.session!, clear, (client) => client.set(KEY, "kept"));
    await configure(["tls: true"]);
  });
  after(async () => {
    await checkout.cleanUp(STACK);
  });

  /** The first value of a query's result, in the column `found`. */
  async function onPostgres(trust: Trust, sql: string, login: ClientConfig = {}): Promise<string> {
    const { host, port, username: user, password, name: database } = service.database;
    const ssl = trust === "no TLS" ? false : trust === "the system's authorities" || trust;
    const client = new Client({ host, port, user, password, database, ...login, ssl });
    try {
      await client.connect();
      const { rows } = await client.query<{ found: string }>(sql);
      return rows[0].found;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** The TLS version, as the server sees it. */
  const askPostgres = (trust: Trust, login?: ClientConfig) =>
    onPostgres(
      trust,
      "select version as found from pg_stat_ssl where pid = pg_backend_pid()",
      login,
    );

  async function onRedis<T>(
    { host, port, username, password }: RedisLogin,
    trust: Trust,
    act: (client: ReturnType<typeof createClient>) => Promise<T>,
  ): Promise<T> {
    const encrypted = trust === "no TLS" ? {} : { tls: true as const };
    const ca = typeof trust === "string" ? {} : trust;
    const client = createClient({
      username,
      password,
      socket: { host, port, reconnectStrategy: false, ...encrypted, ...ca },
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return await act(client as ReturnType<typeof createClient>);
    } finally {
      client.destroy();
    }
  }

  const askRedis = (login: RedisLogin, trust: Trust) =>
    onRedis(login, trust, (client) => client.ping());

  async function askKafka(trust: Trust): Promise<string[]> {
    const { bootstrapServers, username, password } = service.kafka;
    const kafka = new Kafka({
      brokers: [bootstrapServers],
      ssl: trust === "no TLS" ? false : typeof trust === "string" || trust,
      sasl: { mechanism: "scram-sha-256", username, password },
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
      connectionTimeout: 5_000,
      requestTimeout: 5_000,
    });
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  }

  /** Status and body of an HTTP response. */
  function askHttp(url: string, trust: Trust, auth?: string): Promise<[number, string]> {
    const inClear = trust === "no TLS";
    const address = new URL(inClear ? url.replace("https:", "http:") : url);
    const options = { auth, timeout: 5_000, ...(typeof trust === "string" ? {} : trust) };
    return new Promise((resolve, reject) => {
      const send = inClear || address.protocol === "http:" ? requestInClear : request;
      send(address, options, async (answer) => resolve([answer.statusCode!, await text(answer)]))
        .on("error", reject)
        .end();
    });
  }

  /** The certificate of a server that starts with TLS at once. PostgreSQL does not. */
  const shownAt = (port: number) =>
    new Promise<X509Certificate>((resolve, reject) => {
      const socket = connect({ host: "localhost", servername: "localhost", port, ...trusted });
      socket.on("error", reject).on("secureConnect", () => {
        resolve(socket.getPeerX509Certificate()!);
        socket.destroy();
      });
    });

  const UNVERIFIED = { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" };
  const UNKNOWN_ISSUER = /self-signed certificate|unable to verify|unable to get/;

  it("keeps its data when TLS is turned on", assertKept);

  it("accepts a service in PostgreSQL over TLS 1.3 with the authority's certificate", async () => {
    assert.equal(await askPostgres(trusted), "TLSv1.3");
  });

  it("is not trusted by a PostgreSQL client without the authority's certificate", async () => {
    await assert.rejects(askPostgres("the system's authorities"), UNKNOWN_ISSUER);
  });

  it("refuses unencrypted PostgreSQL connections, also of the superuser, before it asks for a password", async () => {
    const refused = (message: RegExp) => ({ code: "28000", message });
    await assert.rejects(askPostgres("no TLS"), refused(/no pg_hba\.conf entry .* no encryption/));
    const { username: user, password } = outputs.administrators.postgres;
    const superuser = { user, password, database: "postgres" };
    await assert.rejects(
      askPostgres("no TLS", superuser),
      refused(/pg_hba\.conf rejects connection .* no encryption/),
    );
    assert.equal(await askPostgres(trusted, superuser), "TLSv1.3");
  });

  for (const instance of ["cache", "session"] as const) {
    it(`accepts a service in Redis (${instance}) only with the authority's certificate`, async () => {
      const login = service[instance]!;
      assert.equal(await askRedis(login, trusted), "PONG");
      await assert.rejects(askRedis(login, "the system's authorities"), UNKNOWN_ISSUER);
      await assert.rejects(askRedis(login, "no TLS"));
    });
  }

  it("accepts a service in Kafka only with the authority's certificate", async () => {
    assert.ok((await askKafka(trusted)).includes("user-events"));
    await assert.rejects(askKafka("the system's authorities"), UNKNOWN_ISSUER);
    await assert.rejects(askKafka("no TLS"));
  });

  it("also encrypts the broker's internal listener, under the container's name", async () => {
    const address = await docker(
      ...["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"],
      `${PREFIX}-redpanda`,
    );
    const names = await new Promise<string>((resolve, reject) => {
      const servername = `${PREFIX}-redpanda`;
      const socket = connect({ host: address, port: 9092, servername, ...trusted });
      socket.on("error", reject).on("secureConnect", () => {
        resolve(String(socket.getPeerX509Certificate()!.subjectAltName));
        socket.destroy();
      });
    });
    assert.equal(names, `DNS:${PREFIX}-redpanda, DNS:localhost, IP Address:127.0.0.1`);
  });

  it("answers at the registry and the admin API only over HTTPS with the authority's certificate", async () => {
    const { url, username, password } = service.schemaRegistry!;
    const subjects = `${url}/subjects`;
    const login = `${username}:${password}`;
    assert.equal((await askHttp(subjects, trusted, login))[0], 200);
    assert.equal((await askHttp(subjects, trusted))[0], 401);
    const ready = `${outputs.accessPoints.redpandaAdmin.address}/v1/status/ready`;
    assert.match(ready, /^https:/);
    assert.equal((await askHttp(ready, trusted))[0], 200);
    for (const address of [subjects, ready]) {
      await assert.rejects(askHttp(address, "the system's authorities"), UNVERIFIED);
      await assert.rejects(askHttp(address, "no TLS"));
    }
  });

  it("answers the broker's unencrypted health check only inside the container", async () => {
    assert.deepEqual(await openPorts(`${PREFIX}-redpanda`), [8081, 9092, 9644, 19_092]);
  });

  it("is used by the client of services, which trusts the authority by its settings", async () => {
    const client = new Platform(SERVICE, { connections: service });
    try {
      const { rows } = await client
        .database()
        .query("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
      assert.deepEqual(rows, [{ ssl: true }]);
      const sessions = client.sessions<string>();
      assert.equal(await sessions.read(await sessions.create("kept")), "kept");
      await client.producer().publish("user-events", {
        type: "user.updated.v1",
        subject: "tls",
        data: { userId: randomUUID() },
      });
    } finally {
      await client.close();
    }
  });

  it("is shown by the Console, which connects to broker and registry with TLS", async () => {
    const { address } = outputs.accessPoints.console;
    const [status, body] = await askHttp(`${address}/api/topics`, trusted);
    assert.equal(status, 200);
    assert.match(body, /user-events/);
  });

  it("is found right by verify, with the time that each certificate has left", async () => {
    const { code, stdout } = await checkout.npm("verify", ["--stack", STACK, "--json"]);
    const { lines } = JSON.parse(stdout) as Report;
    assert.deepEqual(
      lines.filter(({ verdict }) => verdict !== "right"),
      [],
    );
    assert.equal(code, 0);
    const { postgres, redis, redisSession, kafka, schemaRegistry, redpandaAdmin } =
      outputs.accessPoints;
    const encrypted = [postgres, redis, redisSession, kafka, schemaRegistry, redpandaAdmin];
    const certificates = lines.filter(({ area }) => area === "certificates");
    assert.deepEqual(
      certificates.map(({ what }) => what).sort(),
      encrypted.map(({ address }) => `certificate of ${address.replace("https://", "")}`).sort(),
    );
    certificates.forEach(({ found }) => assert.match(found, /^36\d days left, until 20/));
  });

  it("is not changed by a second up, or by a refresh and an up", async () => {
    await assertUnchanged();
  });

  async function assertUnchanged(): Promise<void> {
    assert.match(await checkout.npmOk("up", ["--stack", STACK]), /^Plan .*: \d+ unchanged$/m);
    const flags = [
      "--stack",
      STACK,
      "--config-file",
      checkout.path(`.platform/Pulumi.${STACK}.yaml`),
    ];
    const refresh = await checkout.pulumi("refresh", ...flags, "--yes", "--skip-preview");
    assert.equal(refresh.code, 0, refresh.stdout + refresh.stderr);
    const { code, stdout } = await checkout.pulumi("preview", ...flags, "--expect-no-changes");
    assert.equal(code, 0, stdout);
  }

  it("renews its servers' certificates in an up, and clients still trust them", async () => {
    const known = trusted;
    const { port } = service.cache;
    const before = await shownAt(port);
    await configure(["tls: true", "tlsCertificateDays: 30"]);
    assert.deepEqual(trusted, known, "the authority is the same");
    const after = await shownAt(port);
    assert.notEqual(after.fingerprint256, before.fingerprint256);
    const days = (Date.parse(after.validTo) - Date.now()) / (24 * 60 * 60 * 1000);
    assert.ok(days > 29 && days <= 30, `${days} days`);
    assert.equal(await askPostgres(known), "TLSv1.3");
    assert.equal(await askRedis(service.cache, known), "PONG");
    assert.ok((await askKafka(known)).includes("user-events"));
  });

  it("uses certificates of another authority from a folder", async () => {
    const roles = ["postgres", "redis", "redis-session", "redpanda"];
    const hosts = ["localhost", "127.0.0.1", ...roles.map((role) => `${PREFIX}-${role}`)];
    const authority = await issueAuthority("theirs", { days: 30 });
    const { certificate, privateKey } = await issueServer(hosts, authority, { days: 20 });
    const ours = trusted;
    mkdirSync(checkout.path("certs"));
    writeFileSync(checkout.path("certs", "ca.crt"), authority.certificate);
    writeFileSync(checkout.path("certs", "tls.crt"), certificate);
    writeFileSync(checkout.path("certs", "tls.key"), privateKey, { mode: 0o600 });
    await configure(["tls: true", "tlsDirectory: certs"]);
    assert.deepEqual(trusted, { ca: authority.certificate });
    for (const port of [
      service.cache.port,
      service.session!.port,
      portOf(service.kafka.bootstrapServers),
    ]) {
      assert.equal(
        (await shownAt(port)).fingerprint256,
        new X509Certificate(certificate).fingerprint256,
      );
    }
    assert.equal(await askPostgres(trusted), "TLSv1.3");
    await assert.rejects(askPostgres(ours), UNKNOWN_ISSUER);
    // The state does not show its private key.
    const exported = await checkout.pulumi("stack", "export", "--stack", STACK);
    const line = privateKey.split("\n")[1];
    assert.ok(exported.stdout.includes("certificates") && !exported.stdout.includes(line));
  });

  it("keeps its data when TLS is turned off again, and has no pending changes", async () => {
    await configure(["tls: false"]);
    assert.equal(service.trustedCertificates, undefined);
    await assertKept();
    await assertUnchanged();
  });

  it("is destroyed completely", async () => {
    await checkout.npmOk("down", ["--stack", STACK]);
    for (const kind of ["container", "volume", "network"] as const) {
      assert.deepEqual(await named(kind, PREFIX), [], kind);
    }
  });
});
