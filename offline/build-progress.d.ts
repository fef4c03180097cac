/** A package that is to be compiled. */
export interface Package {
  importPath: string;
  /** The name of its code; `main` for a command. */
  name: string;
  folder: string;
  /** Size of its source. */
  bytes: number;
}

/** How far a build is. Times are in seconds since its start. */
export class BuildEstimate {
  constructor(packages: Package[], processors: number);
  line(text: string, seconds: number): void;
  at(seconds: number): { percent: number; left?: number };
}

export function roundedTime(seconds: number): string;
