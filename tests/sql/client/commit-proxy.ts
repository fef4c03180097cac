import { once } from "node:events";
import net from "node:net";

/** What becomes of the connection that sends COMMIT: it is lost with the request, or with the answer. */
export type Loss = "request" | "answer";

/**
 * Stands between a client and PostgreSQL, and loses connections at COMMIT.
 * @param losses one for each COMMIT; later ones pass
 * @param meanwhile what happens before the client notices
 */
export async function startCommitProxy(
  serverPort: number,
  losses: Loss[],
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
) {
  const sockets = new Set<net.Socket>();
  let isOpen = true;
  const proxy = net.createServer((client) => {
    if (!isOpen) {
      client.destroy();
      return;
    }
    const server = net.connect({ port: serverPort, host: "127.0.0.1" });
    const lose = () =>
      void meanwhile().finally(() => [client, server].forEach((end) => end.destroy()));
    for (const end of [client, server]) {
      sockets.add(end);
      end.on("error", () => undefined);
    }
    let isAnswerLost = false;
    client.on("data", (data) => {
      const loss = data.includes("commit\0") ? losses.shift() : undefined;
      if (loss === "request") {
        lose();
        return;
      }
      isAnswerLost = loss === "answer";
      server.write(data);
    });
    server.on("data", (data) => (isAnswerLost ? lose() : client.write(data)));
    client.on("close", () => server.end());
    server.on("close", () => client.end());
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: (proxy.address() as net.AddressInfo).port,
    /** From here on only the connections that are open get through. */
    refuseNew() {
      isOpen = false;
    },
    async close() {
      sockets.forEach((socket) => socket.destroy());
      proxy.close();
      await once(proxy, "close");
    },
  };
}
