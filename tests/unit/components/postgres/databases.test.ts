import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { SERVICES as SERVICE_DEFINITIONS } from "../../../../catalog/services";
import { SchemaMigrations } from "../../../../components/postgres/schema-migrations";
import { DATABASES, SERVICES } from "../../../support/contract";
import {
  generatedPassword,
  type Recorded,
  recordResources,
  settled,
  TYPES,
} from "../../support/mocks";
import {
  DEV_SETTINGS,
  devProgram,
  loading,
  PROJECT,
  ROOT,
  runProgram,
} from "../../support/program";

const PROVIDER = `${TYPES.postgresqlProvider}::postgres-provider`;
const DATA = `${TYPES.volume}::postgres-data`;

/** What each role may do with a database, its schema, and what its owner creates there. PUBLIC may do nothing. */
const rightsOf = (prefix: string) => ({
  [`${prefix}_migrator`]: { database: ["CONNECT"], settings: { lock_timeout: "10000ms" } },
  [`${prefix}_app`]: {
    database: ["CONNECT"],
    schema: ["USAGE"],
    table: ["DELETE", "INSERT", "SELECT", "UPDATE"],
    sequence: ["SELECT", "USAGE"],
    function: ["EXECUTE"],
    settings: { lock_timeout: "10000ms" },
  },
  [`${prefix}_readonly`]: {
    database: ["CONNECT"],
    schema: ["USAGE"],
    table: ["SELECT"],
    sequence: ["SELECT"],
    settings: { lock_timeout: "10000ms" },
  },
});

/** File names and hashes as `sha256sum` would give them. */
function hashesOf(directory: string, prefix: string): Record<string, string> {
  const folder = path.join(ROOT, directory);
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  return Object.fromEntries(
    files.map((file) => [
      `${prefix}${file}`,
      createHash("sha256")
        .update(readFileSync(path.join(folder, file)))
        .digest("hex"),
    ]),
  );
}

describe("databases", () => {
  let recorded: Recorded;
  before(loading(async () => ({ recorded } = await devProgram())));

  it("belong to the contract's services", () => {
    const names = recorded.all(TYPES.database).map(({ inputs }) => inputs.name);
    const contract = SERVICES.map((service) => DATABASES[service].database);
    assert.deepStrictEqual(names.sort(), contract.sort());
  });

  it("are created by the server's superuser, and deleted with the server's data", () => {
    const types = [TYPES.role, TYPES.database, TYPES.grant];
    for (const { key, provider, deletedWith } of types.flatMap((type) => recorded.all(type))) {
      assert.strictEqual(provider, PROVIDER, key);
      assert.strictEqual(deletedWith, DATA, key);
    }
  });

  for (const service of SERVICES) {
    const { database, prefix } = DATABASES[service];
    const password = (role: string) => generatedPassword(`${service}-${role}-password`);

    describe(database, () => {
      it("is owned by a role that cannot log in, whatever the image's encoding", () => {
        const { inputs } = recorded.only(TYPES.database, `${service}-database`);
        assert.deepStrictEqual(inputs, {
          name: database,
          owner: `${prefix}_owner`,
          template: "template0",
          encoding: "UTF8",
          lcCollate: "C.UTF-8",
          lcCtype: "C.UTF-8",
        });
      });

      const roles: Record<string, Record<string, unknown>> = {
        owner: { login: false, inherit: false },
        migrator: {
          login: true,
          inherit: false,
          roles: [`${prefix}_owner`],
          connectionLimit: 3,
          searchPaths: ["public"],
          statementTimeout: 3_600_000,
          idleInTransactionSessionTimeout: 60_000,
        },
        app: {
          login: true,
          connectionLimit: 40,
          searchPaths: ["public"],
          statementTimeout: 30_000,
          idleInTransactionSessionTimeout: 60_000,
        },
        readonly: {
          login: true,
          connectionLimit: 10,
          searchPaths: ["public"],
          statementTimeout: 60_000,
          idleInTransactionSessionTimeout: 60_000,
        },
      };
      for (const [role, expected] of Object.entries(roles)) {
        it(`has the role ${prefix}_${role} with these rights and limits`, () => {
          const { inputs, secretInputs } = recorded.only(TYPES.role, `${service}-${role}`);
          assert.deepStrictEqual(inputs, {
            name: `${prefix}_${role}`,
            ...expected,
            ...(expected.login ? { password: password(role) } : {}),
          });
          assert.deepStrictEqual(secretInputs, expected.login ? ["password"] : []);
        });
      }

      it("gives its roles exactly these rights, in one resource", () => {
        const rights = recorded.only(TYPES.databaseRights, `${service}-rights`);
        const { __provider, ...inputs } = rights.inputs;
        assert.ok(__provider);
        assert.deepStrictEqual(inputs, {
          host: "localhost",
          port: 5432,
          adminUsername: "postgres",
          adminPassword: generatedPassword("postgres-password"),
          database,
          owner: `${prefix}_owner`,
          roles: rightsOf(prefix),
        });
        assert.deepStrictEqual(rights.secretInputs, ["adminPassword"]);
        assert.deepStrictEqual(rights.additionalSecretOutputs, ["adminPassword"]);
        assert.strictEqual(rights.deletedWith, `${TYPES.database}::${service}-database`);
        const waitsFor = rights.dependsOn.filter((key) => !key.startsWith(TYPES.password));
        assert.deepStrictEqual(waitsFor.sort(), [
          `${TYPES.database}::${service}-database`,
          `${TYPES.role}::${service}-app`,
          `${TYPES.role}::${service}-migrator`,
          `${TYPES.role}::${service}-readonly`,
        ]);
      });

      it("has no other role", () => {
        const names = recorded.all(TYPES.role).map(({ inputs }) => String(inputs.name));
        assert.deepStrictEqual(
          names.filter((name) => name.startsWith(`${prefix}_`)),
          Object.keys(roles)
            .map((role) => `${prefix}_${role}`)
            .sort(),
        );
      });

      it("runs every file of its folder, listed with its hash, as the migrator after all rights are set", () => {
        const migrations = recorded.only(TYPES.migrations, `${service}-migrations`);
        const { __provider, ...inputs } = migrations.inputs;
        const directory = `sql/${database}`;
        assert.ok(__provider);
        assert.deepStrictEqual(inputs, {
          host: "localhost",
          port: 5432,
          database,
          username: `${prefix}_migrator`,
          password: password("migrator"),
          owner: `${prefix}_owner`,
          directory,
          lockTimeoutMs: 500,
          statementTimeoutMs: 600_000,
          waitForLockMs: 60_000,
          allowOutOfOrder: false,
          versioned: hashesOf(directory, ""),
          repeatable: hashesOf(`${directory}/repeatable`, "repeatable/"),
        });
        assert.deepStrictEqual(migrations.secretInputs, ["password"]);
        assert.deepStrictEqual(migrations.additionalSecretOutputs, ["password"]);
        assert.ok(migrations.dependsOn.includes(`${TYPES.databaseRights}::${service}-rights`));
      });

      it("is deleted together with its migrations, which need no server for that", () => {
        const { deletedWith } = recorded.only(TYPES.migrations, `${service}-migrations`);
        assert.strictEqual(deletedWith, `${TYPES.database}::${service}-database`);
      });

      it("lists files in the order in which they run", () => {
        const { inputs } = recorded.only(TYPES.migrations, `${service}-migrations`);
        const names = Object.keys(inputs.versioned as object);
        assert.ok(names.length > 0);
        assert.deepStrictEqual(names, [...names].sort());
      });
    });
  }
});

describe("extensions", () => {
  it("are none today", async () => {
    const { recorded } = await devProgram();
    assert.deepStrictEqual(recorded.all(TYPES.extension), []);
    const migrations = recorded.all(TYPES.migrations);
    assert.ok(migrations.every(({ inputs }) => !("extensions" in inputs)));
  });

  it("of a service are created by the superuser after all rights and before its migrations, and deleted with the database", async () => {
    const extensions = ["pg_stat_statements", "vector"];
    const services = { ...SERVICE_DEFINITIONS };
    Object.assign(SERVICE_DEFINITIONS, {
      "user-service": { ...services["user-service"], extensions },
    });
    try {
      const { recorded } = await runProgram("dev", DEV_SETTINGS);
      const made = recorded.all(TYPES.extension);
      const rights = recorded.only(TYPES.databaseRights, "user-service-rights");
      const database = `${TYPES.database}::user-service-database`;
      assert.deepStrictEqual(
        made.map(({ inputs, provider, deletedWith }) => ({ inputs, provider, deletedWith })),
        extensions.map((name) => ({
          inputs: { name, database: "user_service_db" },
          provider: PROVIDER,
          deletedWith: database,
        })),
      );
      assert.ok(made[0].dependsOn.includes(rights.key));
      assert.ok(made[1].dependsOn.includes(made[0].key));
      const migrations = recorded.only(TYPES.migrations, "user-service-migrations");
      assert.ok(migrations.dependsOn.includes(made[1].key));
      assert.deepStrictEqual(migrations.inputs.extensions, extensions);
      const others = recorded.all(TYPES.migrations).filter(({ key }) => key !== migrations.key);
      assert.ok(others.every(({ inputs }) => !("extensions" in inputs)));
    } finally {
      Object.assign(SERVICE_DEFINITIONS, services);
    }
  });
});

describe("the server's own databases", () => {
  it("grant nothing to PUBLIC", async () => {
    const { recorded } = await devProgram();
    const closed = recorded
      .all(TYPES.grant)
      .filter(({ name }) => name.startsWith("postgres-"))
      .map(({ inputs, provider, deletedWith }) => ({ inputs, provider, deletedWith }));
    assert.deepStrictEqual(
      closed,
      ["postgres", "template1"].map((database) => ({
        inputs: { database, role: "public", objectType: "database", privileges: [] },
        provider: PROVIDER,
        deletedWith: DATA,
      })),
    );
  });
});

describe("migrations", () => {
  const args = {
    host: "localhost",
    port: 5432,
    database: "user_service_db",
    username: "user_service_migrator",
    password: "plain text",
    owner: "user_service_owner",
    directory: "sql/user_service_db",
    lockTimeoutMs: 500,
    statementTimeoutMs: 0,
    waitForLockMs: 0,
    allowOutOfOrder: false,
  };

  it("keep a password secret that is passed in plain text", async () => {
    const apart = recordResources(PROJECT, "dev");
    new SchemaMigrations("clear", args);
    await settled();
    assert.deepStrictEqual(apart.only(TYPES.migrations, "clear").secretInputs, ["password"]);
  });

  it("fail while the program loads if their folder is invalid", () => {
    recordResources(PROJECT, "dev");
    assert.throws(
      () => new SchemaMigrations("none", { ...args, directory: "sql/no_such_db" }),
      /sql\/no_such_db/,
    );
  });
});
