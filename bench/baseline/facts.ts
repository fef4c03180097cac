/** What the platform has besides its containers, as scripts that do the same work need it. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { KAFKA_USERS, rightsByPrincipal } from "../../catalog/acls";
import { parseRight } from "../../catalog/right-lines";
import { type RedisInstanceName, SERVICES, servicesOn } from "../../catalog/services";
import type { TopicDefinition } from "../../catalog/topics";
import { rightsStatements, SCHEMA } from "../../components/postgres/rights-sql";
import {
  connectionLimits,
  type LoginRole,
  roleNames,
  TIMEOUTS,
} from "../../components/postgres/roles";
import { rolesRights } from "../../components/postgres/service-rights";
import { serviceRules } from "../../components/redis/redis-config";
import { readMigrations } from "../../migrator";

const DAY_MS = 24 * 60 * 60 * 1000;

const newPassword = () => randomBytes(24).toString("hex");

/** One script for each database, for one session of psql: roles, the database, its rights and all of its SQL. */
export const databaseScripts = (root: string): string[] =>
  Object.values(SERVICES).map((service) => {
    const { database, rolePrefix, extensions } = service;
    const names = roleNames(rolePrefix);
    const limits = connectionLimits(service);
    const wanted = { database, owner: names.owner, roles: rolesRights(names) };
    const { versioned, repeatable } = readMigrations(join(root, "sql", database));
    return [
      `create role ${names.owner} nologin noinherit;`,
      ...login(names.migrator, "migrator", limits, `noinherit in role ${names.owner}`),
      ...login(names.app, "app", limits),
      ...login(names.readonly, "readonly", limits),
      `create database ${database} owner ${names.owner} template template0 encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8';`,
      `\\connect ${database}`,
      `begin;\n${rightsStatements(wanted, {}).join(";\n")};\ncommit;`,
      ...extensions.map((extension) => `create extension ${extension};`),
      `set role ${names.owner};`,
      "set search_path = public, pg_temp;",
      ...[...versioned, ...repeatable].map(({ sql, transactional }) =>
        transactional ? `begin;\n${sql}\ncommit;` : sql,
      ),
    ].join("\n");
  });

function login(
  name: string,
  kind: LoginRole,
  limits: Readonly<Record<LoginRole, number>>,
  more = "",
): string[] {
  const { statement, idleInTransaction } = TIMEOUTS[kind];
  return [
    `create role ${name} login connection limit ${limits[kind]} password '${newPassword()}' ${more};`,
    `alter role ${name} set search_path = ${SCHEMA};`,
    `alter role ${name} set statement_timeout = ${statement};`,
    `alter role ${name} set idle_in_transaction_session_timeout = ${idleInTransaction};`,
  ];
}

/** Topics, users and rights, in the terms of Kafka's documentation. */
export function brokerFacts(definitions: Readonly<Record<string, TopicDefinition>>) {
  const topics = Object.entries(definitions).map(([name, topic]) => ({
    name,
    partitions: topic.partitions,
    config: {
      "cleanup.policy": "delete",
      "retention.ms": String(topic.retentionDays * DAY_MS),
      "compression.type": topic.compression,
    },
  }));
  const acls = Object.entries(rightsByPrincipal(definitions)).flatMap(([principal, rights]) =>
    Object.keys(rights).map((line) => ({ principal: `User:${principal}`, ...parseRight(line) })),
  );
  return { topics, acls, users: KAFKA_USERS.map((name) => ({ name, password: newPassword() })) };
}

/** The commands that create the users of one Redis server. */
export const redisCommands = (instance: RedisInstanceName): string[][] => [
  ...servicesOn(instance).map((service) => [
    ...["ACL", "SETUSER", service, "reset", "on", `>${newPassword()}`],
    ...serviceRules(service),
  ]),
  ["ACL", "SAVE"],
];
