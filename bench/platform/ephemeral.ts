/** How long environments of pull requests take, one alone and three at once. */
import { Checkout } from "../../tests/e2e/support/checkout";
import { dockerLine, machineLine } from "../machine";
import { markdownTable, median, seconds, spread } from "../measure";
import { roundTitle, verdict } from "./figures";

const STACKS = ["pr-9001", "pr-9002", "pr-9003"];

type Round = Record<"up" | "down" | "upThree" | "downThree", number>;

const ROWS: [row: keyof Round, title: string, goal?: number][] = [
  ["up", "`npm run up` of one", 14],
  ["down", "`npm run down` of one", 6],
  ["upThree", "`npm run up` of three at once"],
  ["downThree", "`npm run down` of three at once"],
];

export async function measureEphemeral({ rounds }: { rounds: number }): Promise<void> {
  const measured: Round[] = [];
  const checkout = new Checkout();
  try {
    for (let round = 0; round <= rounds; round++) {
      const figures = await measure(checkout);
      const line = ROWS.map(([row]) => `${row} ${figures[row].toFixed(1)} s`).join(", ");
      console.log(`${roundTitle(round)}: ${line}`);
      if (round > 0) {
        measured.push(figures);
      }
    }
  } finally {
    for (const stack of STACKS.slice(1)) {
      await checkout.npm("down", ["--stack", stack]);
    }
    await checkout.cleanUp(STACKS[0]);
  }
  console.log(`\nMedians of ${rounds}. ${machineLine()}, ${await dockerLine(STACKS[0])}.\n`);
  console.log(tableOf(measured));
}

async function measure(checkout: Checkout): Promise<Round> {
  const all = (command: string, stacks: string[]) =>
    seconds(() => Promise.all(stacks.map((stack) => checkout.npmOk(command, ["--stack", stack]))));
  return {
    up: await all("up", STACKS.slice(0, 1)),
    down: await all("down", STACKS.slice(0, 1)),
    upThree: await all("up", STACKS),
    downThree: await all("down", STACKS),
  };
}

function tableOf(rounds: Round[]): string {
  const medianOf = (row: keyof Round) => median(rounds.map((round) => round[row]));
  const rows = ROWS.map(([row, title, goal]) => [
    ...[title, `${medianOf(row).toFixed(1)} s`, spread(rounds.map((round) => round[row]))],
    ...verdict(medianOf(row), goal, "s"),
  ]);
  const ratio = medianOf("upThree") / medianOf("up");
  return markdownTable(
    [
      ["what", "median", "least to greatest", "goal", ""],
      ...rows,
      ["three to one", ratio.toFixed(2), "", ...verdict(ratio, 2, "")],
    ],
    [1, 2],
  );
}
