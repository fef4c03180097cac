import assert from "node:assert/strict";

import {
  generatedPassword,
  NETWORK_GATEWAY,
  type Recorded,
  resolved,
  TYPES,
} from "../../support/mocks";
import { DEV_SETTINGS, devProgram, loading, type Program, runProgram } from "../../support/program";

interface Upload {
  file: string;
  content: string;
  permissions: string;
}

interface Inputs {
  command: string[];
  envs: string[];
  uploads: Upload[];
  memory: number;
  image: string;
  ports: { internal: number; external: number; ip: string }[];
}

const inputsOf = ({ only }: Recorded, role: string) =>
  only(TYPES.container, `${role}-container`).inputs as unknown as Inputs;
const fileOf = (recorded: Recorded, role: string, end: string) =>
  inputsOf(recorded, role).uploads.find(({ file }) => file.endsWith(end))!;
const hbaOf = (recorded: Recorded, role: string) =>
  fileOf(recorded, role, "pg_hba.conf").content.split("\n").filter(Boolean);

describe("a stack with replicas of PostgreSQL", () => {
  let two: Program;
  let recorded: Recorded;
  before(
    loading(async () => {
      two = await runProgram("dev", {
        ...DEV_SETTINGS,
        ...{ postgresReplicas: 2, protect: true, tls: true },
      });
      ({ recorded } = two);
    }),
  );

  it("has none by default, and nothing for them", async () => {
    const { recorded: dev } = await devProgram();
    const names = dev.resources.map(({ name }) => name);
    assert.deepStrictEqual(
      names.filter((name) => name.includes("repl")),
      [],
    );
    assert.ok(!hbaOf(dev, "postgres").some((line) => line.includes("replication")));
    assert.ok(!inputsOf(dev, "postgres").command.join(" ").includes("max_slot_wal_keep_size"));
  });

  it("runs them with the memory, the image and all settings of the primary", () => {
    const primary = inputsOf(recorded, "postgres");
    for (const [role, port] of [
      ["postgres-replica-1", 5433],
      ["postgres-replica-2", 5434],
    ] as const) {
      const { memory, command, ports } = inputsOf(recorded, role);
      assert.strictEqual(memory, primary.memory);
      assert.deepStrictEqual(ports, [{ internal: 5432, external: port, ip: "127.0.0.1" }]);
      assert.deepStrictEqual(command.slice(0, primary.command.length), primary.command);
      const more = command.slice(primary.command.length).filter((word) => word !== "-c");
      assert.deepStrictEqual(more, [
        `primary_conninfo=host=learning-platform-postgres port=5432 user=platform_replicator passfile=/etc/platform/replicator.pgpass application_name=${role} connect_timeout=5 sslmode=verify-full sslrootcert=/etc/platform/tls/ca.crt`,
        `primary_slot_name=${role.replaceAll("-", "_")}`,
        "hot_standby_feedback=on",
      ]);
    }
    assert.ok(primary.command.includes("max_slot_wal_keep_size=2048MB"));
  });

  it("gives them the password in a file alone, which only its owner can read", () => {
    const password = generatedPassword("postgres-replicator-password");
    const { content, permissions } = fileOf(recorded, "postgres-replica-1", ".pgpass");
    assert.strictEqual(content, `*:*:*:platform_replicator:${password}\n`);
    assert.strictEqual(permissions, "0400");
    const { command, envs } = inputsOf(recorded, "postgres-replica-1");
    assert.ok(![...command, ...envs].join(" ").includes(password));
  });

  it("lets their role replicate, from other containers alone, and connect to no service's database", () => {
    const { inputs } = recorded.only(TYPES.role, "postgres-replicator-role");
    assert.deepStrictEqual(
      [inputs.name, inputs.login, inputs.replication, inputs.roles],
      ["platform_replicator", true, true, undefined],
    );
    const grants = recorded
      .all(TYPES.grant)
      .filter(({ inputs: { role } }) => role === "platform_replicator")
      .map(({ inputs: { database, privileges } }) => [database, privileges] as unknown);
    assert.deepStrictEqual(grants, [["postgres", ["CONNECT"]]]);
    assert.deepStrictEqual(
      hbaOf(recorded, "postgres").filter((line) => line.includes("platform_replicator")),
      [
        `host replication,postgres platform_replicator ${NETWORK_GATEWAY}/32 reject`,
        "host replication,postgres platform_replicator samehost reject",
        "hostssl replication,postgres platform_replicator samenet scram-sha-256",
      ],
    );
  });

  it("lets readers and the superuser log in to a replica, and nobody else", () => {
    const users = hbaOf(recorded, "postgres-replica-2")
      .slice(1)
      .map((line) => line.split(" ")[2]);
    assert.deepStrictEqual([...new Set(users)].sort(), [
      "agent_orchestrator_readonly",
      "content_service_readonly",
      "payment_service_readonly",
      "postgres",
      "user_service_readonly",
    ]);
  });

  it("gives each service one replica to read from, in turns, and the primary to write to", async () => {
    const services = await Promise.all(
      Object.values(two.outputs.services).map((settings) => resolved(settings)),
    );
    const ports = services.map(({ value: { database, databaseReadonly } }) => [
      ...[database.port, databaseReadonly.port],
    ]);
    assert.deepStrictEqual(ports, [
      [5432, 5433],
      [5432, 5434],
      [5432, 5433],
      [5432, 5434],
    ]);
    assert.deepStrictEqual(two.outputs.accessPoints.postgresReplica2, {
      container: "learning-platform-postgres-replica-2",
      address: "localhost:5434",
      internalAddress: "learning-platform-postgres-replica-2:5432",
    });
  });

  it("protects no volume of theirs, also in a protected stack", () => {
    const isProtected = (name: string) => recorded.only(TYPES.volume, name).protect;
    assert.strictEqual(isProtected("postgres-data"), true);
    assert.strictEqual(isProtected("postgres-replica-1-data"), false);
  });

  it("remembers the slot of each, which is dropped with the replica", () => {
    assert.deepStrictEqual(
      recorded.all(TYPES.replicaSlot).map(({ inputs }) => inputs.slot as string),
      ["postgres_replica_1", "postgres_replica_2"],
    );
  });

  it("issues a certificate for the name of each", () => {
    const { inputs } = recorded.only(TYPES.certificate, "certificates-postgresReplica1");
    assert.ok((inputs.hosts as string[]).includes("learning-platform-postgres-replica-1"));
  });
});
