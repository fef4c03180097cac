/** A part of a report: rows between a beginning and an end that always stay. */
export interface Section {
  open: string;
  rows: readonly string[];
  close: string;
}

const leftOut = (count: number) =>
  `\n\n${count} more ${count === 1 ? "row is" : "rows are"} left out here.`;

const RESERVE = leftOut(1_000_000).length;

/**
 * The sections in one text, cut by whole rows: those of the first sections stay longest. Each cut section says how
 * many rows it lacks.
 * @param limit most UTF-16 units, which are never fewer than characters
 */
export function fit(first: string, sections: readonly Section[], limit: number): string {
  let rest = sections.reduce(
    (left, { open, close }) => left - open.length - close.length - "\n\n\n".length - RESERVE,
    limit - first.length - 1,
  );
  const texts = sections.map(({ open, rows, close }) => {
    const kept = rows.filter((row) => {
      const fits = row.length + 1 <= rest;
      rest -= fits ? row.length + 1 : 0;
      return fits;
    });
    const note = kept.length < rows.length ? leftOut(rows.length - kept.length) : "";
    return `${[open, ...kept].join("\n")}${close}${note}`;
  });
  return `${[first, ...texts].join("\n\n")}\n`;
}
