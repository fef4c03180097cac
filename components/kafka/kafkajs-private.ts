/** KafkaJS hides what it does not publish behind symbols. @throws Error if there is no such member */
export function privateOf(owner: object, description: string): unknown {
  for (
    let at: object | null = owner;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const key = Object.getOwnPropertySymbols(at).find((known) => known.description === description);
    if (key !== undefined) {
      return (owner as Record<symbol, unknown>)[key];
    }
  }
  throw new Error(`KafkaJS has no ${description}`);
}
