/**
 * The process of one service: it works with everything that the service has until it is told to stop, and notes what was
 * acknowledged. Arguments: the service, and the file of its ledger.
 */
import { createInterface } from "node:readline";

import type { ServiceName } from "../../../catalog/services";
import { Platform } from "../../../client/src";
import { LedgerWriter } from "../ledger";
import { DRAINED, type Order } from "../orders";
import { Activity } from "./activity";
import { WORK } from "./services";

import "../../support/with-resolvers";

const [service, file] = process.argv.slice(2) as [ServiceName, string];
const ledger = new LedgerWriter(file);
// Its events carry only what the comparison needs.
const platform = new Platform(service, { log: { warn: () => undefined }, checksEvents: false });
const activity = new Activity(ledger);
WORK[service](platform, activity);

createInterface({ input: process.stdin })
  .on("line", (line) => void obey(line as Order))
  // Whoever started this process is gone.
  .on("close", () => process.exit(0));

async function obey(order: Order): Promise<void> {
  await activity.stop();
  process.stdout.write(`${DRAINED}\n`);
  if (order === "stop") {
    await platform.close();
    ledger.close();
    process.exit(0);
  }
}
