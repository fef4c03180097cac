import { Command } from "commander";

import { examples, offlineOption, stackOption, type StackOptions, yesOption } from "../options";
import { findPromotion, lastCommit, promote as promoteReplica } from "../replicas/promote";
import { whileLocked } from "../stack/command-lock";
import { outputsOf, readStack } from "../stack/outputs";
import { npmCommand } from "../status/next-steps";
import { confirm } from "../terminal/confirm";

interface PromoteOptions extends StackOptions {
  yes?: boolean;
}

export const promote = new Command("promote")
  .description(
    "put the data of a replica of PostgreSQL in the place of the primary's, which is lost or broken",
  )
  .argument("<replica>", "the replica, such as postgres-replica-1")
  .addOption(stackOption())
  .addOption(offlineOption())
  .addOption(yesOption())
  .addHelpText(
    "after",
    "\nWhat only the primary has is lost to services; its data are kept beside the replica's. docs/replicas.md says what " +
      "this cannot promise." +
      examples("npm run promote -- postgres-replica-1"),
  )
  .action((replica: string, options: PromoteOptions) =>
    whileLocked({ stack: options.stack, command: "promote" }, () => takePlace(replica, options)),
  );

async function takePlace(name: string, options: PromoteOptions): Promise<void> {
  const { stack, yes = false } = options;
  const say = (line: string) => console.log(line);
  const resources = await readStack(options);
  const promotion = findPromotion(name, resources, outputsOf(stack, resources));
  const until = await lastCommit(promotion);
  say(
    until === undefined
      ? `${name} has replayed no commit since it started: it has what the primary had then.`
      : `The last commit that ${name} has is of ${until}.`,
  );
  say(
    "What was committed later is lost to services, and PostgreSQL is down until the data are copied.",
  );
  await confirm(`Put its data in the place of the primary's on stack ${stack}?`, yes);
  await promoteReplica(promotion, say);
  say(`Done. ${name} makes a new copy now. To see that all is well: ${npmCommand(stack, "up")}`);
}
