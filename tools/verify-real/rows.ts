import * as probes from "./probes";
import { KEYLESS_COMMANDS } from "./redis-commands";
import type { ProbeCheck, Row, TestCheck } from "./row";

const tests = (file: string, ...titles: string[]): TestCheck => ({
  kind: "tests",
  file: `${file}.test.ts`,
  ...(titles.length > 0 ? { titles } : {}),
});

const probe = (
  command: string,
  look: ProbeCheck["look"],
  expected: ProbeCheck["expected"],
): ProbeCheck => ({ kind: "probe", command, look, expected });

export const ROWS: readonly Row[] = [
  {
    id: "up",
    what: "The stack starts, and all containers become healthy",
    parts: ["postgres", "redis", "redpanda", "console", "plugins"],
    checks: [{ kind: "up" }],
  },
  {
    id: "redpanda-start",
    what: "Redpanda starts from `redpanda.yaml`, `.bootstrap.yaml` and the bootstrap user",
    parts: ["redpanda"],
    checks: [
      probe("docker inspect (health of redpanda)", probes.health("redpanda"), "healthy"),
      tests("4-events"),
    ],
  },
  {
    id: "redpanda-permissions",
    what: "`rpk redpanda start` can rewrite its configuration file",
    parts: ["redpanda"],
    checks: [probe("docker logs redpanda (permission errors)", probes.permissionErrors, "")],
  },
  {
    id: "no-auto-topics",
    what: "A typing error does not create a topic",
    parts: ["redpanda"],
    checks: [
      probe(
        "GET /v1/cluster_config?key=auto_create_topics_enabled",
        probes.clusterProperty("auto_create_topics_enabled"),
        "false",
      ),
      tests("4-events", "does not create a topic because of a typing error"),
    ],
  },
  {
    id: "no-write-caching",
    what: "Records are acknowledged only when they are on disk",
    parts: ["redpanda"],
    checks: [
      probe(
        "GET /v1/cluster_config?key=write_caching_default",
        probes.clusterProperty("write_caching_default"),
        /^"(false|disabled)"$/,
      ),
    ],
  },
  {
    id: "settles",
    what: "A second `up` and a `refresh` find no difference",
    parts: ["postgres", "redis", "redpanda", "plugins"],
    checks: [tests("5-repeat")],
  },
  {
    id: "admin-login",
    what: "The admin API requires a login, except for readiness",
    parts: ["redpanda"],
    // src/v/security/request_auth.cc (v26.2): an unknown user is not a superuser, 403; a wrong password is 401.
    checks: [
      probe(
        "GET /v1/security/users (no login, wrong password, administrator), /v1/status/ready",
        probes.adminApiLogins,
        "403 401 200 200",
      ),
    ],
  },
  {
    id: "admin-rights",
    what: "The admin API refuses administrator actions of a service's user",
    parts: ["redpanda"],
    checks: [probe("POST /v1/security/users as user-service", probes.serviceMakesUser, "403")],
  },
  {
    id: "admin-rotation",
    what: "The admin API renews a password ([renewing secrets](rotation.md#administrators))",
    parts: ["redpanda"],
    checks: [
      probe(
        "POST, PUT a user, GET with the old and the new password, DELETE",
        probes.passwordRenewal,
        // The new user is known, but is not a superuser.
        "200 200 401 403 200",
      ),
    ],
  },
  {
    id: "registry-login",
    what: "The schema registry requires a login, and a service's user can use it",
    parts: ["redpanda"],
    checks: [tests("4-events", "answers at the schema registry, which requires a login")],
  },
  {
    id: "registry-schemas",
    what: "Schemas of events are registered, and the registry refuses one that breaks readers",
    parts: ["redpanda"],
    checks: [
      tests(
        "4-events",
        "refuses a schema that breaks readers of the one before, and takes a property more",
      ),
      tests("6-drift", "is repaired by one up"),
    ],
  },
  {
    id: "registry-rights",
    what: "Known limit: every service can change every schema ([isolation](isolation.md#kafka))",
    parts: ["redpanda"],
    checks: [
      probe(
        "POST and DELETE /subjects/payment-events-value as user-service",
        probes.foreignSchema,
        "200 200",
      ),
    ],
  },
  {
    id: "console",
    what: "Redpanda Console logs in as `platform-console` and shows the topics",
    parts: ["console", "redpanda"],
    checks: [
      probe("docker inspect (health of the Console)", probes.health("redpanda-console"), "healthy"),
      tests("4-events", "is shown by the Console with its topics"),
    ],
  },
  {
    id: "console-schemas",
    what: "A visitor of the Console's page cannot delete a schema",
    parts: ["console", "redpanda"],
    checks: [
      probe(
        "DELETE /api/schema-registry/subjects/... on the Console",
        probes.schemaAfterConsole,
        "still there",
      ),
    ],
  },
  {
    id: "kafka-rights",
    what: "Redpanda refuses with the same error names as Kafka, on both listeners",
    parts: ["redpanda"],
    checks: [tests("4-events-access")],
  },
  {
    id: "rpc-port",
    what: "Redpanda's RPC port is open only inside its container",
    parts: ["redpanda"],
    checks: [tests("4-events-access", "opens no other port of its container to the network")],
  },
  {
    id: "postgres-files",
    what: "PostgreSQL reads a password file of mode 0400 and the stack's `pg_hba.conf`",
    parts: ["postgres"],
    checks: [tests("2-databases"), tests("2-databases-access"), tests("2-databases-rights")],
  },
  {
    id: "postgres-host",
    what: "PostgreSQL accepts the superuser from the host, at any address of the host",
    parts: ["postgres"],
    checks: [
      probe(
        "select inet_client_addr() over the published port",
        probes.hostAddress,
        /^[\da-f.:]+$/,
      ),
    ],
  },
  {
    id: "role-settings",
    what: "`@pulumi/postgresql` keeps `lock_timeout`, and closes `postgres` and `template1`",
    parts: ["plugins", "postgres"],
    checks: [
      tests("5-repeat"),
      tests("2-databases-access", "starts a session of", "grants the right"),
    ],
  },
  {
    id: "redis-rights",
    what: "Redis refuses the same commands as 7.0, and no newer command shows other keys",
    parts: ["redis"],
    checks: [
      probe(
        "COMMAND, then ACL DRYRUN user-service for each command without a key",
        probes.keylessCommands,
        KEYLESS_COMMANDS,
      ),
      tests("3-redis-access"),
    ],
  },
  {
    id: "tls",
    what: "With `tls: true`, all servers start, clients trust them, and plugins read `sslrootcert`",
    parts: ["postgres", "redis", "redpanda", "plugins"],
    checks: [tests("own-stacks/tls")],
  },
  {
    id: "tls-console",
    what: "With `tls: true`, Redpanda Console trusts `caFilepath`",
    parts: ["console", "redpanda"],
    checks: [
      tests(
        "own-stacks/tls",
        "is shown by the Console, which connects to broker and registry with TLS",
      ),
    ],
  },
  {
    id: "replicas",
    what: "A replica copies the primary as root, starts by the image's entrypoint, and follows with TLS",
    parts: ["postgres"],
    checks: [tests("own-stacks/replicas")],
  },
  {
    id: "upgrade",
    what: "Official images of 17 and 18 start with `PGDATA` set, and dump and restore the data of 16",
    parts: ["postgres"],
    checks: [tests("own-stacks/upgrade")],
  },
  {
    id: "rotation",
    what: "A service's passwords are renewed, and its open connections stay",
    parts: ["postgres", "redis", "redpanda", "plugins"],
    checks: [tests("7-rotation")],
  },
  {
    id: "memory",
    what: "All containers together use less than 1.5 GiB at rest",
    parts: ["postgres", "redis", "redpanda", "console"],
    checks: [
      probe("docker stats (sum)", probes.memoryMb, /^(\d{1,3}|1[0-4]\d\d|15[0-2]\d|153[0-5]) MiB$/),
    ],
  },
];
