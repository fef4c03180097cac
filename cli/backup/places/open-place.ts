import { FaultError } from "../../fault";
import { directoryPlace } from "./directory";
import type { Place } from "./place";

/**
 * @param address a folder, or `s3://bucket/prefix`
 * @throws FaultError where it is neither
 */
export function openPlace(address: string): Place {
  const bucket = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(address);
  if (bucket) {
    const [, name, prefix = ""] = bucket;
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who uses S3 waits for its client
    const { s3Place } = require("./s3") as typeof import("./s3");
    return s3Place(name, prefix.replace(/^\/+|\/+$/g, ""));
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) {
    throw new FaultError([`Backups go to a folder or to s3://BUCKET/PREFIX, not to ${address}.`]);
  }
  return directoryPlace(address);
}
