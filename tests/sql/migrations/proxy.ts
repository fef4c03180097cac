import { once } from "node:events";
import net from "node:net";

/**
 * Stands between runner and server, and can fail as networks do.
 * @param delayMs how long a new connection waits for its first answer
 */
export async function startProxy(serverPort: number, delayMs = 0) {
  const pairs: [client: net.Socket, upstream: net.Socket][] = [];
  let isCut = false;
  const proxy = net.createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ port: serverPort, host: "127.0.0.1", allowHalfOpen: true });
    pairs.push([client, upstream]);
    for (const end of [client, upstream]) {
      end.on("error", () => undefined);
    }
    if (!isCut) {
      client.pipe(upstream);
      setTimeout(() => upstream.pipe(client), delayMs);
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as net.AddressInfo).port,
    /** The runner's latest connection. */
    client: () => pairs.at(-1)![0],
    /** From here on nothing goes through, not even the end of a connection, and new ones are silent. */
    cut() {
      isCut = true;
      pairs.forEach(([client, upstream]) => client.unpipe(upstream) && upstream.unpipe(client));
    },
    /** New connections are passed on again. */
    mend() {
      isCut = false;
    },
    async close() {
      pairs.flat().forEach((end) => end.destroy());
      proxy.close();
      await once(proxy, "close");
    },
  };
}
