/**
 * Which folder may import which, as data: `npm run lint` fails on any other import. `docs/architecture.md` has the
 * drawing, which `npm run docs:architecture` makes from the imports themselves.
 */

/** Folders and files of the program by what they may import besides themselves, and why no more. */
const MAY_IMPORT = {
  catalog: { may: [], because: "it is plain data that everything else reads" },
  client: { may: [], because: "services install it, and nothing else of this repository" },
  contract: {
    may: ["catalog", "client/src/connections\\.ts"],
    because: "clients of a stack import its types without Pulumi",
  },
  certificates: { may: [], because: "it issues and reads X.509, whoever needs that" },
  runtime: { may: [], because: "it is about Pulumi's processes, and not about what they create" },
  migrator: { may: [], because: "it runs SQL files on a database, with or without Pulumi" },
  "migration-lint": { may: ["migrator"], because: "it reads SQL files as the migrator does" },
  "event-schemas": {
    may: [],
    because: "it reads and compares JSON Schemas, whoever registers them",
  },
  policy: {
    may: ["catalog"],
    because: "it judges what components create, and so trusts none of them",
  },
  "config-schema.ts": {
    may: ["catalog", "client/src/connections\\.ts"],
    because: "it only describes keys",
  },
  "config-servers.ts": {
    may: ["catalog", "config-schema.ts"],
    because: "it only reads configuration",
  },
  "config-archive.ts": {
    may: ["config-schema.ts"],
    because: "it only reads configuration",
  },
  "config.ts": {
    may: ["catalog", "config-archive.ts", "config-schema.ts", "config-servers.ts"],
    because: "it only reads configuration",
  },
  "components/platform": {
    may: ["catalog", "contract", "certificates", "runtime"],
    because: "every system builds on it, so that it knows none of them",
  },
  "components/postgres": {
    may: ["components/platform", "catalog", "contract", "runtime", "migrator"],
    because: "systems do not know each other: components/*.ts bring them together",
  },
  "components/redis": {
    may: ["components/platform", "catalog", "contract", "runtime"],
    because: "systems do not know each other: components/*.ts bring them together",
  },
  "components/kafka": {
    may: ["components/platform", "catalog", "contract", "runtime", "event-schemas"],
    because: "systems do not know each other: components/*.ts bring them together",
  },
  monitoring: {
    may: ["catalog"],
    because: "it writes files for Prometheus and Grafana, whoever runs them",
  },
  "components/monitoring": {
    may: ["components/platform", "monitoring", "catalog"],
    because: "it runs containers, and is told by components/*.ts what they monitor",
  },
  "components/[^/]+\\.ts": {
    may: [
      "components",
      "monitoring",
      "config.ts",
      "config-servers.ts",
      "catalog",
      "contract",
      "certificates",
    ],
    because: "they compose the platform, and leave processes and rules to index.ts",
  },
  "program.ts": {
    may: ["components", "config.ts", "catalog", "contract", "policy"],
    because: "it declares the platform, and leaves processes to whoever runs it",
  },
  cli: {
    may: [
      "program.ts",
      "components",
      "config.ts",
      "config-servers.ts",
      "catalog",
      "contract",
      "policy/message\\.ts",
      "runtime",
      "migrator",
      "migration-lint",
      "event-schemas",
      "offline",
    ],
    because: "it runs the program and reads its outputs, and rebuilds nothing of it",
  },
};

/** Packages that only these folders may import. */
const PACKAGES = {
  "@pulumi/docker": ["components/platform"],
  "@pulumi/postgresql": ["components/postgres"],
  "@pulumi/kafka": ["components/kafka"],
  "@pulumi/random": ["components/platform"],
  "@pulumi/pulumi": [
    "runtime/dynamic-provider",
    "program\\.ts",
    "config\\.ts",
    "components",
    "policy",
    "cli",
  ],
  kafkajs: ["components/kafka"],
  "@platformatic/kafka": ["client/src/events"],
  "@redis/client": ["components/redis", "client/src/redis"],
  pg: [
    "components/postgres",
    "migrator",
    "cli",
    "client/src/database",
    "client/src/outbox",
    "client/src/schema",
  ],
  "libpg-query": ["migrator"],
  "@peculiar/x509": ["certificates"],
  "@aws-sdk/client-s3": ["cli/backup/places"],
  "@aws-sdk/lib-storage": ["cli/backup/places"],
  "age-encryption": ["cli/backup/age\\.ts"],
  "@grafana/grafana-foundation-sdk": ["monitoring"],
  zod: [
    "config\\.ts",
    "config-schema\\.ts",
    "client/src/connections\\.ts",
    "client/src/settings\\.ts",
    "client/src/events/envelope\\.ts",
  ],
};

/** Files of components without Pulumi: clients of servers, inputs of resources, fixed paths. */
const PLAIN =
  "^components/.*(-client|-inputs|address|client-tls|kafka-acls|trusted-file|image-name|redis-info|redis-slots|redis-roles|redis-forming)\\.ts$";

const PROGRAM = Object.keys(MAY_IMPORT).map((name) => `^${name}(/|$)`);
const OWN = "^(?!node_modules/|[^/]+$)|^[^/]+\\.ts$";
const start = (name) => `^${name}(/|$)`;

module.exports = {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([name, { may, because }]) => ({
      name: `${name} imports ${may.length > 0 ? may.join(", ") : "nothing of the project"}`,
      comment: `${name}: ${because}.`,
      severity: "error",
      from: { path: start(name) },
      to: {
        path: OWN,
        pathNot: [name, ...may].map(start),
        dependencyTypesNot: ["core", "npm", "npm-dev", "npm-no-pkg", "unknown"],
      },
    })),
    ...Object.entries(PACKAGES).map(([name, folders]) => ({
      name: `${name} is imported by ${folders.join(", ").replaceAll("\\", "")}`,
      comment: "One place knows each library, so that another can take its place.",
      severity: "error",
      from: { path: PROGRAM, pathNot: folders.map(start) },
      to: { path: `^node_modules/${name}/(?!package\\.json$)` },
    })),
    {
      name: "contract imports types only",
      comment: "Importing the types of the outputs runs nothing.",
      severity: "error",
      from: { path: "^contract/" },
      to: { dependencyTypesNot: ["type-only"] },
    },
    {
      name: "cli imports plain files of components",
      comment:
        "A component or provider loads Pulumi's SDKs, and a provider installs handlers of uncaught errors.",
      severity: "error",
      from: { path: "^cli/" },
      to: { path: "^components/", pathNot: PLAIN },
    },
    {
      name: "one file of the cli loads the program",
      comment: "The program brings the SDKs of all providers: it is loaded when a command runs it.",
      severity: "error",
      from: { path: "^cli/", pathNot: "^cli/engine/program\\.ts$" },
      to: { path: "^program\\.ts$" },
    },
    {
      name: "the cli loads the program by require",
      comment: "An import would load it with every command.",
      severity: "error",
      from: { path: "^cli/" },
      to: { path: "^program\\.ts$", dependencyTypes: ["import"] },
    },
    {
      name: "no circles",
      comment:
        "Two files that import each other are one file, and load in an order that nobody chose.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no circles of types either",
      comment: "In what is composed, who knows whom goes one way; types tell that as well.",
      severity: "error",
      from: {
        path: "^(index\\.ts|program\\.ts|config|catalog|contract|components|certificates|runtime|policy)",
      },
      to: { circular: true },
    },
    {
      name: "only tests import tests",
      comment:
        "Tools and benchmarks may use their support: they are run beside them, and never shipped.",
      severity: "error",
      from: { pathNot: "^(tests|tools|bench)/" },
      to: { path: "^tests/" },
    },
  ],
  options: {
    // Imports of types count as well: they tell who knows whom.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
