import { type AddressInfo, createServer, type Server } from "node:net";

/** Listens on a port of this address; 0 takes one that is free. */
function listening(host: string, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () =>
      resolve({ server, port: (server.address() as AddressInfo).port }),
    );
  });
}

/** Acts while something listens on a port of this address. */
export async function whileListening<T>(
  host: string,
  act: (port: number) => Promise<T>,
  wanted?: number,
): Promise<T> {
  const { server, port } = await listening(host, wanted);
  try {
    return await act(port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A port of the loopback address that was free a moment ago: nothing listens on it. */
export const closedPort = (): Promise<number> => whileListening("127.0.0.1", async (port) => port);
