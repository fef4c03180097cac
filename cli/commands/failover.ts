import { Argument, Command, Option } from "commander";

import { addressOf, isUnreachable } from "../../components/redis/redis-client";
import {
  choosePrimary,
  failOver,
  type NodeRole,
  promote,
  type ReplicatedNode,
  roleOf,
} from "../../components/redis/redis-roles";
import { FaultError } from "../fault";
import { examples, offlineOption, stackOption, type StackOptions, yesOption } from "../options";
import { redisLogin, sessionNodes } from "../redis/nodes";
import { whileLocked } from "../stack/command-lock";
import { readOutputs } from "../stack/outputs";
import { confirm } from "../terminal/confirm";

interface FailoverOptions extends StackOptions {
  yes?: boolean;
  to?: string;
}

export const failover = new Command("failover")
  .description("exchange the primary and the replica of a server")
  .addArgument(new Argument("<server>", "the server").choices(["sessions"]))
  .addOption(stackOption())
  .addOption(offlineOption())
  .addOption(yesOption())
  .addOption(
    new Option(
      "--to <container>",
      "the container that is the primary then, where the other one is away or is a primary too; what only that one has is lost",
    ),
  )
  .addHelpText(
    "after",
    "\nWithout --to, no write is lost: the primary answers none until the other has all. The same command goes back. docs/redis.md",
  )
  .addHelpText(
    "after",
    examples(
      "npm run failover -- sessions",
      "npm run failover -- sessions --to learning-platform-redis-session-replica",
    ),
  )
  .action((_server: string, options: FailoverOptions) =>
    whileLocked({ stack: options.stack, command: "failover" }, () => exchange(options)),
  );

async function exchange(options: FailoverOptions): Promise<void> {
  const outputs = await readOutputs(options);
  const nodes = sessionNodes(outputs);
  const login = redisLogin("session", outputs);
  if (nodes.length < 2 || login === undefined) {
    throw new FaultError([
      `The sessions of stack ${options.stack} have no replica that the stack runs: set learning-platform:redisSessionReplica.`,
    ]);
  }
  const answers = await Promise.all(
    nodes.map((node) =>
      roleOf(node, login).catch((error: Error) => {
        if (isUnreachable(error)) {
          return undefined;
        }
        throw new FaultError([`${nameOf(node)}: ${error.message}`]);
      }),
    ),
  );
  const found = answers.filter((role) => role !== undefined);
  const target = options.to === undefined ? undefined : named(nodes, options.to);
  const say = (line: string) => console.log(line);
  if (target !== undefined) {
    const others = found.map(({ node }) => node).filter((node) => node !== target);
    if (!found.some(({ node }) => node === target)) {
      throw new FaultError([`${nameOf(target)} does not answer at ${addressOf(target)}.`]);
    }
    await confirm(
      `Make ${nameOf(target)} the primary, and lose what only the other server has?`,
      options.yes ?? false,
    );
    await promote(target, others, login);
    return say(`${nameOf(target)} is the primary.`);
  }
  const [from, to] = planned(nodes, found);
  await confirm(
    `Make ${nameOf(to)} the primary of the sessions, in place of ${nameOf(from)}?`,
    options.yes ?? false,
  );
  await failOver(from, to, login);
  say(
    `${nameOf(to)} is the primary, and ${nameOf(from)} follows it. Run the command again to go back.`,
  );
}

/** The primary and the replica that takes its place. @throws FaultError where that cannot be done without a loss */
function planned(
  nodes: readonly ReplicatedNode[],
  found: readonly NodeRole[],
): [ReplicatedNode, ReplicatedNode] {
  const primaries = found.filter(({ isPrimary }) => isPrimary);
  const away = nodes.filter((node) => !found.some((role) => role.node === node)).map(nameOf);
  if (away.length > 0) {
    const left = found.map(({ node }) => nameOf(node)).join(", ") || "none";
    throw new FaultError([
      `${away.join(", ")} does not answer. Start it again, or make the other one (${left}) the primary by --to; what that one has not copied yet is lost.`,
    ]);
  }
  if (primaries.length !== 1) {
    throw new FaultError([
      `${primaries.length === 0 ? "Neither" : "Each"} server is a primary. Choose one by --to: ${found
        .map(({ node, keys }) => `${nameOf(node)} has ${keys} keys`)
        .join(", ")}.`,
    ]);
  }
  const from = choosePrimary(found);
  const [to] = nodes.filter((node) => node !== from);
  return [from, to];
}

const nameOf = ({ internalAddress }: ReplicatedNode) => internalAddress.replace(/:\d+$/, "");

function named(nodes: readonly ReplicatedNode[], container: string): ReplicatedNode {
  const node = nodes.find((each) => nameOf(each) === container);
  if (node === undefined) {
    throw new FaultError([`--to is one of ${nodes.map(nameOf).join(", ")}.`]);
  }
  return node;
}
