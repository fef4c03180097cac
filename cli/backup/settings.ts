/** Where a stack keeps its backups and for whom they are encrypted, by its configuration or by the options of a run. */
import { FaultError, throwIfAny } from "../fault";
import { stackConfiguration } from "../stack/settings";
import { checkRecipient } from "./age";
import type { BackupTarget } from "./create";
import { openPlace } from "./places/open-place";
import { type Place } from "./places/place";

interface Given {
  to?: string;
  recipient?: string;
}

/** @throws FaultError that names what is missing */
export async function targetOf(stack: string, given: Given): Promise<BackupTarget> {
  const { backupTo, backupRecipient } = stackConfiguration(stack);
  const to = given.to ?? backupTo;
  const recipient = given.recipient ?? backupRecipient;
  throwIfAny([
    ...(to === ""
      ? [
          "Where to? Set learning-platform:backupTo to a folder or to s3://BUCKET/PREFIX, or give --to.",
        ]
      : []),
    ...(recipient === ""
      ? [
          "For whom? Backups are encrypted to a key that you hold: npm run backup -- --new-key FILE makes one. " +
            "Then set learning-platform:backupRecipient to what it prints, or give --recipient.",
        ]
      : []),
  ]);
  await checkRecipient(recipient);
  return { place: openPlace(to), recipient };
}

/** Where a stack keeps its backups; undefined where neither its configuration nor the run says so. */
export function placeOf(stack: string, from: string | undefined): Place | undefined {
  const address = from ?? configured(stack);
  return address === "" ? undefined : openPlace(address);
}

function configured(stack: string): string {
  try {
    return stackConfiguration(stack).backupTo;
  } catch (error) {
    throw new FaultError([(error as Error).message]);
  }
}
