/** What a pull request says of its own environment. */
import { ENDPOINT_TITLES } from "../../catalog/servers";
import type { AccessPoints } from "../../contract/outputs";
import { FaultError } from "../fault";
import { block, code, prose } from "./escape";
import { scrubbed } from "./scrub";

/** The addresses; where to read a login is said, and no login is. */
export function upReport(stack: string, machine: string, points: AccessPoints): string {
  const rows = Object.entries(points).map(
    ([key, { address }]) => `| ${prose(ENDPOINT_TITLES[key] ?? key)} | ${code(address)} |`,
  );
  return lines(
    `**Environment up** · stack ${code(stack)} · machine ${code(machine)}`,
    "",
    "| service | address on that machine |",
    "| ------- | ----------------------- |",
    ...rows,
    "",
    "It goes when the pull request is closed, when it loses the label, or when its time is over.",
  );
}

export const goneReport = (stack: string) => lines(`**Environment gone** · stack ${code(stack)}`);

/** The reasons alone: a trace says nothing to a reviewer. */
export function failedReport(stack: string, error: unknown): string {
  const reasons = error instanceof FaultError ? error.faults : [String((error as Error).message)];
  const { open, lines: inner, close } = block(scrubbed(reasons.join("\n")));
  return lines(`**Environment failed** · stack ${code(stack)}`, "", open, ...inner, close);
}

const lines = (...texts: string[]) => `${texts.join("\n")}\n`;
