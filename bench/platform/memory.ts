import { must } from "../tools";

const UNITS: Readonly<Record<string, number>> = {
  B: 1 / 1024 ** 2,
  KiB: 1 / 1024,
  MiB: 1,
  GiB: 1024,
};

/** Resident memory in MiB of containers together, without the page cache. */
export async function residentMb(names: string[]): Promise<number> {
  const format = ["--no-stream", "--format", "{{.MemUsage}}"];
  return sumMb(await must("docker", ["stats", ...format, ...names]));
}

/** The sum in MiB of lines such as `27.5MiB / 512MiB`. @throws Error where a line is none */
export const sumMb = (lines: string): number =>
  lines.split("\n").reduce((sum, line) => {
    const [, number, unit] = /^([\d.]+)(\w+) /.exec(line) ?? [];
    if (!(unit in UNITS)) {
      throw new Error(`docker stats printed ${line}`);
    }
    return sum + Number(number) * UNITS[unit];
  }, 0);
