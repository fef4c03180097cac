/** Something took longer than it may. What it does goes on, and may still succeed. */
export class TimeLimitError extends Error {
  public override readonly name = "TimeLimitError";
}

/**
 * The result of work that has begun.
 * @param onLimit is called if it takes longer
 * @throws TimeLimitError if it takes longer
 */
export async function withinTime<T>(
  work: Promise<T>,
  limitMs: number,
  onLimit: () => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      onLimit();
      reject(new TimeLimitError(`no answer within ${limitMs} ms`));
    }, limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
