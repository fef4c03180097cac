/** The certificates that the servers show at this moment. */
import { connect as connectInClear, isIP, type Socket } from "node:net";
import { connect as connectByTls, type ConnectionOptions, type TLSSocket } from "node:tls";

import { SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import { parseAddress } from "../../components/platform/address";
import { clientTls } from "../../components/platform/client-tls";
import { encryptsDatabase, encryptsKafka, encryptsRedis } from "../connections/encryption";
import { ANSWER_MS, type Check, type Finding, right, wrong } from "./finding";
import type { Platform } from "./platform";

interface Server {
  /** host:port */
  address: string;
  /** PostgreSQL begins in clear, and encrypts when it is asked to. */
  isPostgres?: boolean;
}

/** An `up` renews long before that; what others issue, they should have renewed by then. */
const LEAST_DAYS = 14;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** One check for each server that encrypts. */
export function certificateChecks({ outputs }: Platform): Check[] {
  const trusted = outputs.trustedCertificates ?? SYSTEM_AUTHORITIES;
  return encryptedServers(outputs).map((server) => {
    const what = `certificate of ${server.address}`;
    return {
      what,
      ask: async () => [judgeCertificate(what, await validTo(server, trusted), new Date())],
    };
  });
}

function encryptedServers({ services, accessPoints }: Platform["outputs"]): Server[] {
  const found = Object.values(services).flatMap(
    ({ database, databaseReadonly, cache, session, kafka, schemaRegistry }): Server[] => [
      ...[database, databaseReadonly]
        .filter(encryptsDatabase)
        .map(({ host, port }) => ({ address: `${host}:${port}`, isPostgres: true })),
      ...[cache, ...(session ? [session] : [])]
        .filter(encryptsRedis)
        .map(({ host, port }) => ({ address: `${host}:${port}` })),
      ...(encryptsKafka(kafka)
        ? kafka.bootstrapServers.split(",").map((address) => ({ address }))
        : []),
      ...[schemaRegistry?.url, accessPoints.redpandaAdmin?.address].flatMap(httpsAddress),
    ],
  );
  return [...new Map(found.map((server) => [server.address, server])).values()];
}

function httpsAddress(url: string | undefined): Server[] {
  if (!url?.startsWith("https:")) {
    return [];
  }
  const { hostname, port } = new URL(url);
  return [{ address: `${hostname}:${port || "443"}` }];
}

export function judgeCertificate(what: string, end: Date, now: Date): Finding {
  const days = Math.floor((end.getTime() - now.getTime()) / DAY_MS);
  const found = `${days} days left, until ${end.toISOString().slice(0, 10)}`;
  return days < LEAST_DAYS ? wrong(what, found, `at least ${LEAST_DAYS} days`) : right(what, found);
}

/**
 * The end of the certificate that a server shows.
 * @throws Error of Node if nothing answers, or if a client would not accept the certificate
 */
export async function validTo({ address, isPostgres }: Server, trusted: string): Promise<Date> {
  const { host, port } = parseAddress(address);
  const options: ConnectionOptions = {
    ...(isPostgres ? { socket: await askForTls(host, port) } : { host, port }),
    ...(isIP(host) ? {} : { servername: host }),
    ...clientTls(trusted),
  };
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectByTls(options, () => {
      const { valid_to: end } = socket.getPeerCertificate();
      socket.destroy();
      resolve(new Date(end));
    });
    limit(socket, reject);
  });
}

/** SSLRequest (postgresql.org/docs/16/protocol-message-formats.html): its length, and its code. */
const SSL_REQUEST = Buffer.from("0000000804d2162f", "hex");

function askForTls(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectInClear({ host, port }, () => socket.write(SSL_REQUEST));
    limit(socket, reject);
    socket.once("data", (answer) => {
      if (answer.toString() === "S") {
        socket.removeAllListeners();
        resolve(socket);
      } else {
        socket.destroy();
        reject(new Error(`${host}:${port} does not encrypt`));
      }
    });
  });
}

function limit(socket: Socket, reject: (error: Error) => void): void {
  socket.setTimeout(ANSWER_MS, () =>
    socket.destroy(new Error(`no answer within ${ANSWER_MS / 1_000} s`)),
  );
  socket.on("error", reject);
}
