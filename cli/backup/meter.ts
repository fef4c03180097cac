import { createHash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";

import type { Display } from "../terminal/display";
import type { FileEntry } from "./manifest";

/** Passes bytes on, and knows how many they were and their SHA-256. */
export class Meter extends Transform {
  private readonly hash = createHash("sha256");
  private size = 0;

  /** @param onSize called with the bytes so far */
  constructor(private readonly onSize: (bytes: number) => void = () => undefined) {
    super();
  }

  public override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.hash.update(chunk);
    this.size += chunk.length;
    this.onSize(this.size);
    done(null, chunk);
  }

  /** Once, after all bytes have passed. */
  public result(): FileEntry {
    return { bytes: this.size, sha256: this.hash.digest("hex") };
  }
}

const STATUS_MS = 250;

/** Shows from time to time how much of something has passed. */
export function progressOf(
  display: Display,
  what: string,
  total?: number,
): (bytes: number) => void {
  let shownAt = 0;
  return (bytes) => {
    const now = Date.now();
    if (now - shownAt >= STATUS_MS) {
      shownAt = now;
      const of = total === undefined ? "" : ` of ${sizeText(total)}`;
      display.status(`${what}: ${sizeText(bytes)}${of}`);
    }
  };
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `1.4 MiB` */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
