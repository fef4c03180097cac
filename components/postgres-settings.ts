/** What the server is started with, and how many connections it has to give; imports no provider. */
import { TLS_FILES } from "./tls-files";

/**
 * Connections that the provider may hold to one database (`maxConnections`). To make or drop a database it
 * holds one in a transaction that waits, without limit, for a lock which only one of them gets, and that one
 * needs a second: one fewer than databases + 1, and all wait for each other for ever (see
 * cyrilgdn/terraform-provider-postgresql ff936b9, postgresql/resource_postgresql_database.go:126-149 and
 * config.go:315). One more lets roles be made meanwhile.
 */
export const providerConnections = (databases: number) => databases + 2;

/**
 * Connections kept for administrators: the provider's pools, of each database and of `postgres`, all of which
 * a refresh can fill, and 3 for people.
 */
export const administratorConnections = (databases: number) =>
  (databases + 1) * providerConnections(databases) + 3;
