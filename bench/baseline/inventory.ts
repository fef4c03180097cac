/** What is on the servers, to compare what the stack made with what the scripts made. */
import { REDIS_INSTANCES, SERVICES } from "../../catalog/services";
import { userPrincipal } from "../../components/kafka/kafka-acls";
import { asAdministrator as onBroker } from "../../components/kafka/kafka-client";
import { asAdministrator as onPostgres } from "../../components/postgres/postgres-client";
import { asAdministrator as onRedis } from "../../components/redis/redis-client";
import type { Target } from "./target";

/** One line for each thing, sorted, by kind: roles, tables, rights, topics ... */
export type Inventory = Readonly<Record<string, readonly string[]>>;

/** Reads the servers as their administrators. */
export async function readInventory(target: Target): Promise<Inventory> {
  const parts = await Promise.all([readPostgres(target), readBroker(target), readRedis(target)]);
  return Object.fromEntries(
    parts.flatMap((part) => Object.entries(part)).map(([kind, lines]) => [kind, lines.sort()]),
  );
}

/** What only one of the two has, as one line each; empty where they are the same. */
export const differences = (stack: Inventory, scripts: Inventory): string[] =>
  Object.keys({ ...stack, ...scripts }).flatMap((kind) => {
    const [made, done] = [stack[kind] ?? [], scripts[kind] ?? []];
    return [
      ...made.filter((line) => !done.includes(line)).map((line) => `${kind}: only stack: ${line}`),
      ...done
        .filter((line) => !made.includes(line))
        .map((line) => `${kind}: only scripts: ${line}`),
    ];
  });

/** `12 roles, 28 tables, ...` */
export const countsOf = (inventory: Inventory): string =>
  Object.entries(inventory)
    .map(([kind, lines]) => `${lines.length} ${kind}`)
    .join(", ");

/** Roles with what they may and how their sessions begin; of the server, and so the same in every database. */
const ROLES = `
select 'roles' as kind,
  concat_ws(' ', rolname, case when rolcanlogin then 'login' end, case when rolinherit then 'inherit' end,
    case when rolsuper then 'superuser' end, rolconnlimit,
    (select string_agg(entry, ' ' order by entry) from unnest(rolconfig) entry),
    (select 'in ' || string_agg(roleid::regrole::text, ', ' order by roleid::regrole::text)
      from pg_auth_members where member = pg_roles.oid)) as line
from pg_roles where rolname !~ '^pg_'`;

/** What the migrations of one database created, and who may do what with it. */
const OBJECTS = `
select 'tables' as kind, relname::text as line
from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
union all
select 'indexes', pg_get_indexdef(indexrelid)
from pg_index join pg_class on pg_class.oid = indexrelid where relnamespace = 'public'::regnamespace
union all
select 'functions', oid::regprocedure::text from pg_proc where pronamespace = 'public'::regnamespace
union all
select 'triggers', tgrelid::regclass || '.' || tgname from pg_trigger where not tgisinternal
union all
select 'rights', concat_ws(' ', what, entry.grantee::regrole, entry.privilege_type)
from (
  select 'database', coalesce(datacl, acldefault('d', datdba)) from pg_database where datname = current_database()
  union all
  select 'schema', coalesce(nspacl, acldefault('n', nspowner)) from pg_namespace where nspname = 'public'
  union all
  select relname, coalesce(relacl, acldefault(case relkind when 'S' then 's' else 'r' end::"char", relowner))
  from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'S')
  union all
  select oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner))
  from pg_proc where pronamespace = 'public'::regnamespace
  union all
  select concat_ws(' ', 'default', defaclnamespace::regnamespace, defaclobjtype), defaclacl from pg_default_acl
) held (what, acl), aclexplode(acl) entry`;

async function readPostgres({ outputs: { administrators, accessPoints } }: Target) {
  const [host, port] = accessPoints.postgres.address.split(":");
  const { username, password } = administrators.postgres;
  const server = { host, port: Number(port), adminUsername: username, adminPassword: password };
  const read = async (query: string, database: string) =>
    (
      await onPostgres(
        server,
        (client) => client.query<{ kind: string; line: string }>(query),
        database,
      )
    ).rows.map(({ kind, line }) => ({ kind, line: `${database} ${line}` }));
  const rows = await Promise.all([
    read(ROLES, "postgres"),
    ...Object.values(SERVICES).map(({ database }) => read(OBJECTS, database)),
  ]);
  const inventory: Record<string, string[]> = {};
  for (const { kind, line } of rows.flat()) {
    (inventory[kind] ??= []).push(line);
  }
  return inventory;
}

const TOPIC_SETTINGS = ["cleanup.policy", "retention.ms", "compression.type"];

async function readBroker({ topics: wanted, outputs }: Target) {
  const { administrators, accessPoints } = outputs;
  const bootstrapServers = accessPoints.kafka.address;
  const settings = Object.fromEntries(Object.keys(wanted).map((name) => [name, TOPIC_SETTINGS]));
  const own = userPrincipal(administrators.kafka.username);
  return onBroker({ bootstrapServers, ...administrators.kafka }, async (administrator) => {
    const topics = await administrator.topics(settings);
    const acls = await administrator.acls();
    return {
      topics: [...topics].map(
        ([name, { partitions, config }]) =>
          `${name} ${partitions} ${TOPIC_SETTINGS.map((setting) => config[setting]).join(" ")}`,
      ),
      // The broker's own registry may give itself rights as the administrator.
      acls: acls.filter(({ principal }) => principal !== own).map((acl) => JSON.stringify(acl)),
    };
  });
}

async function readRedis({ outputs: { administrators, accessPoints } }: Target) {
  const users = await Promise.all(
    REDIS_INSTANCES.map(async (instance) => {
      const [login, address] = {
        cache: [administrators.redis!, accessPoints.redis.address] as const,
        session: [administrators.redisSession!, accessPoints.redisSession.address] as const,
      }[instance];
      const [host, port] = address.split(":");
      const { username: adminUsername, password: adminPassword } = login;
      const server = { host, port: Number(port), adminUsername, adminPassword };
      const lines = (await onRedis(server, instance, (send) => send("ACL", "LIST"))) as string[];
      return lines.map((line) => `${instance} ${describeUser(line)}`);
    }),
  );
  return { "Redis users": users.flat() };
}

/** A line of ACL LIST without hashes of passwords. The order of its words differs at each start of the server. */
const describeUser = (line: string) =>
  line
    .replace(/#[0-9a-f]{64}/g, "#")
    .split(" ")
    .sort()
    .join(" ");
