import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { trustedFileOf } from "../../../../components/platform/trusted-file";
import { privateKeyOf, type Recorded, resolved, TRUSTED, TYPES } from "../../support/mocks";
import { bareProgram, loading, type Program, ROOT, runProgram } from "../../support/program";

const STACK = "tls-in-unit-tests";
const PREFIX = `learning-platform-${STACK}`;
const SERVERS = [
  { role: "postgres", container: "postgres-container", host: `${PREFIX}-postgres` },
  { role: "cache", container: "redis-container", host: `${PREFIX}-redis` },
  { role: "session", container: "redis-session-container", host: `${PREFIX}-redis-session` },
  { role: "redpanda", container: "redpanda-container", host: `${PREFIX}-redpanda` },
];

describe("The program with TLS", () => {
  let program: Program;
  let recorded: Recorded;
  const trustedFile = path.join(ROOT, trustedFileOf(STACK));
  before(
    loading(async () => {
      program = await runProgram(STACK, { tls: true });
      ({ recorded } = program);
    }),
  );
  after(() => rmSync(trustedFile, { force: true }));

  const container = (name: string) => recorded.only(TYPES.container, name).inputs;
  const uploads = (name: string): Record<string, { content: string; permissions: string }> =>
    Object.fromEntries(
      container(name).uploads.map(({ file, ...rest }: { file: string }) => [file, rest]),
    );

  for (const { role, container: name, host } of SERVERS) {
    it(`gives ${role} a certificate for its name and the host's, with the key as a file`, () => {
      const certificate = recorded.only(TYPES.certificate, `certificates-${role}`);
      assert.deepStrictEqual(certificate.inputs.hosts, [host, "localhost", "127.0.0.1"]);
      assert.deepStrictEqual(certificate.inputs.days, 365);
      const files = uploads(name);
      assert.equal(files["/etc/platform/tls/ca.crt"].content, TRUSTED);
      assert.equal(
        files["/etc/platform/tls/tls.crt"].content,
        `certificate of certificates-${role}`,
      );
      assert.deepStrictEqual(files["/etc/platform/tls/tls.key"], {
        content: privateKeyOf(`certificates-${role}`),
        // The broker starts as its own user, and reads nothing that is root's alone.
        permissions: role === "redpanda" ? "0444" : "0400",
      });
    });
  }

  it("keeps every private key secret, in every resource that has it", () => {
    const keys = [...recorded.all(TYPES.authority), ...recorded.all(TYPES.certificate)].map(
      ({ name }) => privateKeyOf(name),
    );
    assert.equal(keys.length, SERVERS.length + 1);
    for (const { key, clearText } of recorded.resources) {
      const shown = keys.filter((secret) => clearText.some((text) => text.includes(secret)));
      assert.deepStrictEqual(shown, [], key);
    }
  });

  it("accepts no unencrypted connection to PostgreSQL, and verifies the server when it creates roles", () => {
    const command = container("postgres-container").command.join(" ");
    assert.match(command, /ssl=on .*ssl_key_file=\/etc\/platform\/tls\/tls\.key/);
    assert.match(uploads("postgres-container")["/etc/platform/pg_hba.conf"].content, /^hostssl/m);
    const { inputs } = recorded.only(TYPES.postgresqlProvider);
    assert.deepStrictEqual(
      [inputs.sslmode, inputs.sslrootcert],
      ["verify-full", trustedFileOf(STACK)],
    );
    assert.equal(readFileSync(trustedFile, "utf8"), TRUSTED);
  });

  it("verifies every server that its own resources connect to", () => {
    const { inputs } = recorded.only(TYPES.kafkaProvider);
    assert.deepStrictEqual([inputs.tlsEnabled, inputs.caCert], ["true", TRUSTED]);
    for (const type of [TYPES.databaseRights, TYPES.migrations, TYPES.redisUser]) {
      const trusting = recorded.all(type).map(({ inputs: { trusted } }) => trusted);
      assert.ok(trusting.length > 0);
      assert.deepStrictEqual(new Set(trusting), new Set([TRUSTED]), type);
    }
  });

  it("gives services encrypted connections, and the authorities to trust", async () => {
    const { value } = await resolved(program.outputs.services["user-service"]);
    assert.match(value.database.url, /^postgresql:.*\/user_service_db\?sslmode=verify-full$/);
    assert.match(value.cache.url, /^rediss:/);
    assert.match(value.session!.url, /^rediss:/);
    assert.equal(value.kafka.securityProtocol, "SASL_SSL");
    assert.match(value.schemaRegistry!.url, /^https:/);
    assert.equal(value.trustedCertificates, TRUSTED);
    assert.equal((await resolved(program.outputs.trustedCertificates!)).value, TRUSTED);
  });

  it("creates no certificate and no such output if TLS is off", async () => {
    const { recorded: without, outputs } = await bareProgram();
    assert.deepStrictEqual(without.all(TYPES.authority), []);
    assert.deepStrictEqual(without.all(TYPES.certificate), []);
    // The SDK warns of an output that is there and undefined.
    assert.ok(!("trustedCertificates" in outputs));
    const { value } = await resolved(outputs.services["user-service"]);
    assert.ok(!("trustedCertificates" in value));
    for (const { key, inputs } of without.resources) {
      assert.ok(!JSON.stringify(inputs).includes("/etc/platform/tls"), key);
    }
  });
});
