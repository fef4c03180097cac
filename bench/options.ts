import { InvalidArgumentError, Option } from "commander";

export interface BenchOptions {
  /** Rounds that count. One more comes first, to warm caches. */
  rounds: number;
  /** Stack that is created and destroyed; it must be down. */
  stack: string;
}

export const roundsOption = () =>
  new Option("--rounds <number>", "rounds that count; one more before them warms caches")
    .default(5)
    .argParser((text) => {
      if (!/^[1-9]\d?$/.test(text)) {
        throw new InvalidArgumentError("Expected a number from 1 to 99.");
      }
      return Number(text);
    });
