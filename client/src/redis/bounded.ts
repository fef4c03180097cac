/**
 * Acts on each item, on so many at a time. Takes an item only when there is room for it, so that the rows of a long query
 * do not gather in memory.
 * @throws the first error, when what had begun has ended
 */
export async function forEachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  for await (const item of items) {
    if (failures.length > 0) {
      break;
    }
    const work = act(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(work));
    running.add(work);
    if (running.size >= concurrency) {
      await Promise.race(running);
    }
  }
  await Promise.all(running);
  if (failures.length > 0) {
    throw failures[0];
  }
}
