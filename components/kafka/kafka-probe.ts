/** Whether a broker answers at an address, and whether it encrypts: before any login, which KafkaJS begins with. */
import { connect as connectInClear, isIP, type Socket } from "node:net";
import { connect as connectByTls } from "node:tls";

import { parseAddress } from "../platform/address";
import { clientTls } from "../platform/client-tls";
import { errorText, type ServerFinding, tlsFinding } from "../platform/server-finding";

const KEY = "kafkaCluster";
/** ApiVersions 0, which brokers answer to everybody (kafka.apache.org/protocol): size, key, version, id, no client. */
const REQUEST = Buffer.from("0000000a" + "0012" + "0000" + "00000001" + "ffff", "hex");
const ID = 1;
const ID_AT = 4;
/** Codes of connections that were never made, so that asking in another way is of no use. */
const NOT_CONNECTED = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENOTFOUND", "ETIMEDOUT"]);

class TimeoutError extends Error {
  public readonly code = "ETIMEDOUT";
}

/** @returns what is wrong with the address, if anything */
export async function probe(
  address: string,
  trusted: string | undefined,
  timeoutMs: number,
): Promise<ServerFinding | undefined> {
  const ask = (tls: object | undefined) => answer(address, tls, timeoutMs);
  const error = await ask(clientTls(trusted));
  if (error === undefined) {
    return undefined;
  }
  const found = tlsFinding(KEY, address, error);
  if (found !== undefined) {
    return { ...found, key: found.key.replace(/\.host$/, ".bootstrapServers") };
  }
  const isEncrypted = trusted !== undefined;
  // Neither side says so: a broker closes what it cannot read. Nothing secret is sent in the other way.
  const answersOtherwise =
    !NOT_CONNECTED.has(error.code ?? "") &&
    (await ask(isEncrypted ? undefined : { rejectUnauthorized: false })) === undefined;
  if (answersOtherwise) {
    const reason = isEncrypted
      ? `must be false: ${address} does not encrypt`
      : `must be true: ${address} encrypts`;
    return { key: `${KEY}.tls`, reason, kind: "fault" };
  }
  const reason = `names ${address}, where no broker answers (${errorText(error)})`;
  return { key: `${KEY}.bootstrapServers`, reason, kind: "out of reach" };
}

/** @returns undefined if a broker answers */
function answer(
  address: string,
  tls: object | undefined,
  timeoutMs: number,
): Promise<(Error & { code?: string }) | undefined> {
  const at = parseAddress(address);
  return new Promise((resolve) => {
    const socket: Socket = tls
      ? connectByTls({ ...at, ...(isIP(at.host) ? {} : { servername: at.host }), ...tls })
      : connectInClear(at);
    const end = (error?: Error) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(error);
    };
    const timer = setTimeout(
      () => end(new TimeoutError(`no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    let received = Buffer.alloc(0);
    socket
      .on(tls ? "secureConnect" : "connect", () => socket.write(REQUEST))
      .on("data", (part: Buffer) => {
        received = Buffer.concat([received, part]);
        if (received.length >= ID_AT + 4) {
          const isBroker = received.readInt32BE(ID_AT) === ID;
          end(isBroker ? undefined : new Error("what answers does not speak Kafka's protocol"));
        }
      })
      .on("error", end)
      .on("close", () => end(new Error("the connection was closed without an answer")));
  });
}
