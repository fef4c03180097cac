import type { DatabaseLogin, Login, ServiceConnections } from "../../contract/connections";
import type { AccessPoint, Outputs } from "../../contract/outputs";
import { FaultError } from "../fault";

/**
 * The same connections for a service in a container on the platform's network.
 * @throws FaultError where the stack's outputs are older than these addresses
 */
export function inNetwork(
  connections: ServiceConnections,
  points: Outputs["accessPoints"],
): ServiceConnections {
  const { database, databaseReadonly, cache, session, kafka, schemaRegistry } = connections;
  const postgres = internalAddress(points.postgres);
  return {
    ...connections,
    database: databaseAt(database, postgres),
    databaseReadonly: databaseAt(databaseReadonly, readerAddress(databaseReadonly, points)),
    cache: {
      ...loginAt(cache, internalAddress(points.redis)),
      // There the nodes are where they say.
      ...(cache.cluster && {
        cluster: { ...cache.cluster, nodes: cache.cluster.announcedNodes },
      }),
    },
    ...(session && {
      session: {
        ...loginAt(session, internalAddress(points.redisSession)),
        ...(session.nodes && {
          nodes: [points.redisSession, points.redisSessionReplica].map(internalAddress).join(","),
        }),
      },
    }),
    kafka: { ...kafka, bootstrapServers: internalAddress(points.kafka) },
    ...(schemaRegistry && {
      schemaRegistry: { ...schemaRegistry, url: internalAddress(points.schemaRegistry) },
    }),
  };
}

/** That of the server or replica which has the address; others are outside of the network. */
function readerAddress({ host, port }: DatabaseLogin, points: Outputs["accessPoints"]): string {
  const address = `${host}:${port}`;
  const { postgres, postgresReplica1, postgresReplica2 } = points;
  const point = [postgres, postgresReplica1, postgresReplica2].find(
    (known) => known?.address === address,
  );
  return point === undefined ? address : internalAddress(point);
}

function internalAddress(point: AccessPoint | undefined): string {
  if (point?.internalAddress === undefined) {
    throw new FaultError([
      "The stack was last updated by a program that did not say where its servers are in the network. Run npm run up.",
    ]);
  }
  return point.internalAddress;
}

function loginAt<T extends Login>(login: T, address: string): T {
  const [, host, port] = /^(.*):(\d+)$/.exec(address)!;
  const url = login.url.replace(`@${login.host}:${login.port}`, `@${address}`);
  return { ...login, host, port: Number(port), url };
}

const databaseAt = <T extends DatabaseLogin>(login: T, address: string): T => ({
  ...loginAt(login, address),
  jdbcUrl: login.jdbcUrl.replace(`//${login.host}:${login.port}/`, `//${address}/`),
});
