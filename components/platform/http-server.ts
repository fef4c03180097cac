/** What containers of servers have in common that are written in Go and answer HTTP. */

/** Share of the container's memory for Go's heap; the rest is for its stacks and the binary itself. */
const HEAP_SHARE = 0.9;

/**
 * The setting of the environment that limits Go's heap. Close to it, Go collects garbage harder, and so avoids being
 * killed at the container's limit.
 */
export const goMemoryLimit = (memoryMb: number): string =>
  `GOMEMLIMIT=${Math.floor(memoryMb * HEAP_SHARE)}MiB`;

/** A probe that fails until the path is answered with 200, by the HTTP client that busybox has. */
export const httpProbe = (port: number, path: string): string[] => [
  ...["wget", "-q", "-O", "/dev/null"],
  `http://127.0.0.1:${port}${path}`,
];
