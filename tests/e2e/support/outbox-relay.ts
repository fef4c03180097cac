/**
 * A process that relays the outbox of user-service, and dies when its first argument says: `before` or `after` it has
 * written a batch. The second argument is the size of a batch.
 */
import { Platform } from "../../../client/src";
import { Outbox } from "../../../client/src/outbox/outbox";

import "../../support/with-resolvers";

const [moment, batchSize] = process.argv.slice(2);
const platform = new Platform("user-service");

new Outbox(
  { batchSize: Number(batchSize), pollMs: 50 },
  {
    database: platform.database(),
    producer: {
      checkSize: () => undefined,
      async publishAll(topic, events) {
        if (moment === "after") {
          await platform.producer().publishAll(topic, events);
        }
        process.kill(process.pid, "SIGKILL");
      },
    },
    log: console,
  },
).start();
