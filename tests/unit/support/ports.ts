import { type AddressInfo, createServer, type Server } from "node:net";

/** A port of the loopback address that was free a moment ago: nothing listens on it. */
export async function closedPort(): Promise<number> {
  const server = await new Promise<Server>((resolve, reject) => {
    const opened = createServer();
    opened.once("error", reject);
    opened.listen({ host: "127.0.0.1", port: 0 }, () => resolve(opened));
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
