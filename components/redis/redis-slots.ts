/** How the slots of a cluster are spread over its nodes, and what a node says of that. */

/** Number of slots of every cluster: a key's slot follows from its name. */
export const SLOTS = 16_384;

/** First and last slot. */
export type SlotRange = readonly [first: number, last: number];

/** A node as another one, or it itself, knows it. */
export interface KnownNode {
  id: string;
  isSelf: boolean;
  /** Whether the node that was asked can reach it. */
  isReached: boolean;
  slots: SlotRange[];
}

/** The slots of each node, as evenly as there are. */
export const slotRanges = (nodes: number): SlotRange[] =>
  Array.from({ length: nodes }, (_, index) => [
    Math.floor((index * SLOTS) / nodes),
    Math.floor(((index + 1) * SLOTS) / nodes) - 1,
  ]);

/**
 * Reads the answer to CLUSTER NODES: `<id> <address> <flags> <primary> <ping> <pong> <epoch> <link> <slots ...>`
 * (redis 7.4.1 src/cluster_legacy.c, clusterGenNodeDescription). Slots on their way to another node are in brackets.
 */
export const parseNodes = (text: string): KnownNode[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id, , flags, , , , , link, ...slots] = line.trim().split(" ");
      const given = flags.split(",");
      const isSelf = given.includes("myself");
      const isLost = given.some((flag) => ["fail", "fail?", "handshake", "noaddr"].includes(flag));
      return {
        id,
        isSelf,
        isReached: isSelf || (link === "connected" && !isLost),
        slots: slots.filter((range) => !range.startsWith("[")).map(parseRange),
      };
    });

function parseRange(text: string): SlotRange {
  const [first, last = first] = text.split("-");
  return [Number(first), Number(last)];
}

/** Whether the ranges are exactly the wanted one. */
export const areSlots = (ranges: readonly SlotRange[], [first, last]: SlotRange): boolean =>
  ranges.length === 1 && ranges[0][0] === first && ranges[0][1] === last;

/**
 * What is wrong with a cluster, in sentences; empty where every node reaches every other and has its own slots.
 * @param views what each node says, in the order of the nodes
 * @param names of the nodes, in the same order
 */
export function clusterFaults(views: readonly KnownNode[][], names: readonly string[]): string[] {
  const ids = views.map((view) => view.find(({ isSelf }) => isSelf)?.id);
  const wanted = slotRanges(names.length);
  return views.flatMap((view, asked) => {
    const strangers = view.filter(({ id }) => !ids.includes(id));
    return [
      ...ids.flatMap((id, index) => {
        const known = view.find((node) => node.id === id);
        if (known === undefined) {
          return [`${names[asked]} does not know ${names[index]}`];
        }
        return [
          ...(known.isReached ? [] : [`${names[asked]} does not reach ${names[index]}`]),
          ...(areSlots(known.slots, wanted[index])
            ? []
            : [
                `${names[asked]} gives ${names[index]} the slots ${rangesText(known.slots)} instead of ${rangesText([wanted[index]])}`,
              ]),
        ];
      }),
      ...strangers.map(({ id }) => `${names[asked]} knows another node, ${id.slice(0, 8)}`),
    ];
  });
}

const rangesText = (ranges: readonly SlotRange[]) =>
  ranges.length === 0
    ? "none"
    : ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
