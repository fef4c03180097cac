/** Acts that the tests try as each role on a PostgreSQL server. */

/** The objects that the acts use, and the roles that they try to become. */
export interface Target {
  table: string;
  owner: string;
  /** A role of another service. */
  otherRole: string;
  /** Process id of a session of the superuser. */
  superuserPid: number;
}

type Acts = Record<string, (target: Target) => string>;

/** Acts on the objects of a service's own database. */
export const SERVICE_ACTS = {
  "read a table": ({ table }) => `select from ${table}`,
  "insert rows": ({ table }) => `insert into ${table} (id) select gen_random_uuid() where false`,
  "update rows": ({ table }) => `update ${table} set id = default where false`,
  "delete rows": ({ table }) => `delete from ${table} where false`,
  "call a function": () => "select public.isolation_probe()",
  "empty a table": ({ table }) => `truncate ${table} cascade`,
  "alter a table": ({ table }) => `alter table ${table} add column intruder int`,
  "drop a table": ({ table }) => `drop table ${table} cascade`,
  "create an index": ({ table }) => `create index on ${table} ((1))`,
  "create a trigger": ({ table }) =>
    `create trigger intruder before insert on ${table} execute function public.update_updated_at_column()`,
  "switch triggers off": ({ table }) => `alter table ${table} disable trigger user`,
  "replace a function": () =>
    "create or replace function public.isolation_probe() returns int language sql return 2",
  "read the ledger": () => "select from migrations.ledger",
  "write the ledger": () => "insert into migrations.ledger (name) select '' where false",
  "empty the ledger": () => "delete from migrations.ledger where false",
  "become the owner": ({ owner }) => `set role ${owner}`,
} satisfies Acts;

/** Acts that need the owner's rights on the database, in every database. */
export const DATABASE_ACTS = {
  "create a table": () => "create table public.intruder ()",
  "create a temporary table": () => "create temporary table intruder ()",
  "create a schema": () => "create schema intruder",
  "create a function": () => "create function public.intruder() returns int language sql return 1",
  "create a publication": () => "create publication intruder",
  "create a trusted extension": () => "create extension pgcrypto schema public",
} satisfies Acts;

/** Acts that only the superuser may do, in every database. */
export const SERVER_ACTS = {
  "read a file of the server": () => "select pg_read_file('/etc/passwd')",
  "list a folder of the server": () => "select pg_ls_dir('.')",
  "write a file of the server": () => "copy (select 1) to '/tmp/intruder'",
  "read a file into a large object": () => "select lo_import('/etc/passwd')",
  "run a program": () => "copy (select 1) to program 'true'",
  "create a function in C": () =>
    "create function pg_temp.intruder() returns int language c as 'intruder', 'run'",
  "create an event trigger": () =>
    "create event trigger intruder on ddl_command_start execute function intruder()",
  "read the passwords' verifiers": () => "select from pg_authid",
  "create a role": () => "create role intruder",
  "make itself a superuser": () => "alter role current_user superuser",
  "raise its connection limit": () => "alter role current_user connection limit 100",
  "make itself a member of another role": ({ otherRole }) => `grant ${otherRole} to current_user`,
  "become another role": ({ otherRole }) => `set role ${otherRole}`,
  "become the superuser": () => "set role postgres",
  "leave out all triggers": () => "set session_replication_role = replica",
  "log every statement": () => "set log_statement = 'all'",
  "reload the configuration": () => "select pg_reload_conf()",
  "make a replication slot": () => "select pg_create_physical_replication_slot('intruder')",
  "end a session of the superuser": ({ superuserPid }) =>
    `select pg_terminate_backend(${superuserPid})`,
} satisfies Acts;

/** The same, for statements that cannot run in a transaction. */
export const SERVER_ACTS_ALONE = {
  "create a database": "create database intruder",
  "change the server's configuration": "alter system set work_mem = '1GB'",
};
