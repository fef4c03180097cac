/** Says that a property is not as it should be: `retention.ms is 1000, should be 2000`. */
export const difference = (property: string, found: unknown, expected: unknown): string =>
  `${property} is ${shown(found)}, should be ${shown(expected)}`;

/** A value for people; a list is in alphabetical order. */
function shown(value: unknown): string {
  const text = Array.isArray(value) ? value.toSorted().join(" and ") : String(value ?? "not set");
  return text === "" ? "empty" : text;
}
