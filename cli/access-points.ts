import { ENDPOINT_TITLES } from "../catalog/servers";
import type { AccessPoints } from "../contract/outputs";
import type { ContainerState } from "./docker";

/** The table that a person reads at the end of an update. */
export function accessPointsTable(points: AccessPoints, containers: ContainerState[]): string[] {
  const healthOf = (name: string) =>
    containers.find((container) => container.name === name)?.health ?? "not there";
  const rows = Object.entries(points).map(([key, { container, address }]) => [
    ENDPOINT_TITLES[key] ?? key,
    address,
    ...(container === undefined ? ["", ""] : [healthOf(container), container]),
  ]);
  return table(["service", "address", "state", "container"], rows);
}

/** Rows in columns as wide as their longest cell. */
export function table(head: string[], rows: string[][]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}
