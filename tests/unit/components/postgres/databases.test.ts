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
import type { RecordedResource } from "../../support/requests";

const PROVIDER = `${TYPES.postgresqlProvider}::postgres-provider`;
const DATA = `${TYPES.volume}::postgres-data`;

/** Rights on a database and its schema, one line each; `-` is none, which takes away what PostgreSQL gives. */
const grantsOf = (database: string, prefix: string) => [
  `public on database ${database}: -`,
  `public on schema public: -`,
  `${prefix}_migrator on database ${database}: CONNECT`,
  `${prefix}_app on database ${database}: CONNECT`,
  `${prefix}_app on schema public: USAGE`,
  `${prefix}_readonly on database ${database}: CONNECT`,
  `${prefix}_readonly on schema public: USAGE`,
];

/** Rights on what the owner will make. */
const defaultsOf = (prefix: string) => [
  `public on function everywhere of ${prefix}_owner: -`,
  `${prefix}_app on table in public of ${prefix}_owner: SELECT INSERT UPDATE DELETE`,
  `${prefix}_app on sequence in public of ${prefix}_owner: USAGE SELECT`,
  `${prefix}_app on function in public of ${prefix}_owner: EXECUTE`,
  `${prefix}_readonly on table in public of ${prefix}_owner: SELECT`,
  `${prefix}_readonly on sequence in public of ${prefix}_owner: SELECT`,
];

/** The row of PostgreSQL's catalogue that a right is in. */
const objectOf = ({ type, inputs }: RecordedResource) =>
  [type, inputs.objectType, inputs.schema].join(" ");

const listed = (privileges: string[]) => privileges.join(" ") || "-";

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
    const types = [TYPES.role, TYPES.database, TYPES.grant, TYPES.defaultPrivileges];
    for (const { key, provider, deletedWith } of types.flatMap((type) => recorded.all(type))) {
      assert.strictEqual(provider, PROVIDER, key);
      assert.strictEqual(deletedWith, DATA, key);
    }
  });

  for (const service of SERVICES) {
    const { database, prefix } = DATABASES[service];
    const password = (role: string) => generatedPassword(`${service}-${role}-password`);

    describe(database, () => {
      /** Resources of this database alone. */
      const own = (type: string) =>
        recorded.all(type).filter(({ inputs }) => inputs.database === database);

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

      it("limits how long sessions wait for a lock", () => {
        const settings = recorded.only(TYPES.roleSettings, `${service}-role-settings`);
        const { __provider, ...inputs } = settings.inputs;
        assert.ok(__provider);
        assert.deepStrictEqual(inputs, {
          host: "localhost",
          port: 5432,
          adminUsername: "postgres",
          adminPassword: generatedPassword("postgres-password"),
          roles: Object.fromEntries(
            ["migrator", "app", "readonly"].map((role) => [
              `${prefix}_${role}`,
              { lock_timeout: "10000ms" },
            ]),
          ),
        });
        assert.deepStrictEqual(settings.secretInputs, ["adminPassword"]);
        assert.deepStrictEqual(settings.additionalSecretOutputs, ["adminPassword"]);
        assert.strictEqual(settings.deletedWith, DATA);
        for (const role of ["migrator", "app", "readonly"]) {
          assert.ok(settings.dependsOn.includes(`${TYPES.role}::${service}-${role}`), role);
        }
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

      it("lets in only its own roles, each with its exact rights", () => {
        const lines = own(TYPES.grant).map(({ inputs }) => {
          const { role, objectType, schema, privileges } = inputs;
          return `${role} on ${objectType} ${schema ?? database}: ${listed(privileges)}`;
        });
        assert.deepStrictEqual(lines.sort(), grantsOf(database, prefix).sort());
      });

      it("gives its roles exactly these rights on objects that the owner creates", () => {
        const lines = own(TYPES.defaultPrivileges).map(({ inputs }) => {
          const { role, objectType, schema, owner, privileges } = inputs;
          const where = schema ? `in ${schema}` : "everywhere";
          return `${role} on ${objectType} ${where} of ${owner}: ${listed(privileges)}`;
        });
        assert.deepStrictEqual(lines.sort(), defaultsOf(prefix).sort());
      });

      it("creates the rights on one object one after another, and different objects side by side", () => {
        const rights = [...own(TYPES.grant), ...own(TYPES.defaultPrivileges)];
        const keys = rights.map(({ key }) => key);
        const before = rights.map(({ dependsOn }) => dependsOn.filter((key) => keys.includes(key)));
        // PostgreSQL keeps the rights on a database, on a schema, and the defaults of a kind of object in one row each.
        const objects = new Set(rights.map(objectOf));
        assert.strictEqual(objects.size, 6);
        for (const object of objects) {
          const chain = rights.filter((right) => objectOf(right) === object);
          const own = chain.map(({ key }) => key);
          const waits = chain.map(({ dependsOn }) => dependsOn.filter((key) => own.includes(key)));
          assert.deepStrictEqual(
            waits.map(({ length }) => length).sort(),
            [0, ...Array<number>(own.length - 1).fill(1)],
            `${object}: each but the first waits for one`,
          );
          assert.strictEqual(new Set(waits.flat()).size, own.length - 1, `${object}: a chain`);
        }
        const first = rights.filter((_, index) => before[index].length === 0);
        assert.strictEqual(first.length, objects.size, "no object waits for another");
        for (const { key, dependsOn } of first) {
          assert.deepStrictEqual(
            dependsOn.sort(),
            [
              `${TYPES.database}::${service}-database`,
              `${TYPES.role}::${service}-app`,
              `${TYPES.role}::${service}-migrator`,
              `${TYPES.role}::${service}-readonly`,
            ],
            key,
          );
        }
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
        const rights = [...own(TYPES.grant), ...own(TYPES.defaultPrivileges)];
        const waitedFor = new Set(rights.flatMap(({ dependsOn }) => dependsOn));
        const last = rights.filter(({ key }) => !waitedFor.has(key)).map(({ key }) => key);
        assert.strictEqual(last.length, 6, "the last one of each object");
        assert.deepStrictEqual(
          last.filter((key) => !migrations.dependsOn.includes(key)),
          [],
        );
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
      const last = recorded
        .all(TYPES.defaultPrivileges)
        .filter(({ name }) => /^user-service/.test(name));
      const database = `${TYPES.database}::user-service-database`;
      assert.deepStrictEqual(
        made.map(({ inputs, provider, deletedWith }) => ({ inputs, provider, deletedWith })),
        extensions.map((name) => ({
          inputs: { name, database: "user_service_db" },
          provider: PROVIDER,
          deletedWith: database,
        })),
      );
      assert.ok(last.some(({ key }) => made[0].dependsOn.includes(key)));
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
