/** What the platform has besides its containers, as scripts that do the same work need it. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { KAFKA_USERS, rightsByPrincipal } from "../../catalog/acls";
import { parseRight } from "../../catalog/right-lines";
import { SERVICE_NAMES, SERVICES } from "../../catalog/services";
import { TOPICS } from "../../catalog/topics";
import { SCHEMA } from "../../components/postgres/rights-sql";
import { rightsStatements } from "../../components/postgres/rights-sql";
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

export const newPassword = () => randomBytes(24).toString("hex");

/** One script for each database: its roles, rights and all of its SQL, for one session of psql. */
export function databaseScripts(root: string): string[] {
  return Object.values(SERVICES).map((service) => {
    const { database, rolePrefix } = service;
    const names = roleNames(rolePrefix);
    const limits = connectionLimits(service);
    const login = (kind: LoginRole, more = "") =>
      [
        `create role ${names[kind]} login connection limit ${limits[kind]} password '${newPassword()}' ${more}`,
        `alter role ${names[kind]} set search_path = ${SCHEMA}`,
        `alter role ${names[kind]} set statement_timeout = ${TIMEOUTS[kind].statement}`,
        `alter role ${names[kind]} set idle_in_transaction_session_timeout = ${TIMEOUTS[kind].idleInTransaction}`,
      ].join(";\n");
    const { versioned, repeatable } = readMigrations(join(root, "sql", database));
    const rights = rightsStatements(
      { database, owner: names.owner, roles: rolesRights(names) },
      {},
    );
    return [
      `create role ${names.owner} nologin noinherit;`,
      `${login("migrator", `noinherit in role ${names.owner}`)};`,
      `${login("app")};`,
      `${login("readonly")};`,
      `create database ${database} owner ${names.owner} template template0 encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8';`,
      `\\connect ${database}`,
      `begin;\n${rights.join(";\n")};\ncommit;`,
      `set role ${names.owner};`,
      ...[...versioned, ...repeatable].map(({ sql, transactional }) =>
        transactional ? `begin;\n${sql}\ncommit;` : sql,
      ),
    ].join("\n");
  });
}

/** Topics, users and rights, in the terms of Kafka's admin clients. */
export function brokerFacts() {
  const topics = Object.entries(TOPICS).map(([name, topic]) => ({
    name,
    partitions: topic.partitions,
    config: {
      "cleanup.policy": "delete",
      "retention.ms": String(topic.retentionDays * DAY_MS),
      "compression.type": topic.compression,
    },
  }));
  const acls = Object.entries(rightsByPrincipal(TOPICS)).flatMap(([principal, rights]) =>
    Object.keys(rights).map((line) => ({ principal: `User:${principal}`, ...parseRight(line) })),
  );
  return { topics, acls, users: KAFKA_USERS.map((name) => ({ name, password: newPassword() })) };
}

/** The ACL commands of one Redis server. */
export const redisCommands = (instance: "cache" | "session"): string[][] =>
  SERVICE_NAMES.filter((service) => SERVICES[service].redis.includes(instance)).map((service) => [
    ...["ACL", "SETUSER", service, "on", `>${newPassword()}`],
    ...serviceRules(service),
  ]);
