import type { BenchOptions } from "../options";

export async function compareMigrations({ rounds }: Pick<BenchOptions, "rounds">): Promise<void> {
  console.log(rounds);
}
