/** Lists of addresses in the settings. */

/** Where one node answers. */
export interface NodeAddress {
  host: string;
  port: number;
}

/** The addresses of a list of host:port with commas between them. */
export const parseNodes = (list: string): NodeAddress[] =>
  list.split(",").map((text) => {
    const at = text.lastIndexOf(":");
    return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
  });

/**
 * Where a client of Redis Cluster connects to in place of the address that a node tells of itself or of another.
 * @returns addresses by the announced host:port
 */
export function addressMap({
  nodes,
  announcedNodes,
}: {
  nodes: string;
  announcedNodes: string;
}): Record<string, NodeAddress> {
  const addresses = parseNodes(nodes);
  return Object.fromEntries(
    announcedNodes.split(",").map((announced, index) => [announced, addresses[index]]),
  );
}
