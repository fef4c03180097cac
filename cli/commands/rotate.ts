import { Argument, Command, InvalidArgumentError } from "commander";

import { SERVICE_NAMES } from "../../catalog/services";
import { OPERATOR } from "../../catalog/topics";
import type { Drift } from "../drift/drift";
import { FaultError, throwIfAny } from "../fault";
import { examples, offlineOption, stackOption, type StackOptions, yesOption } from "../options";
import type { Plan } from "../plan/plan";
import { allErrors, previewStack } from "../plan/preview";
import { logicalName, typeOfUrn, TYPES } from "../resource-types";
import { whileLocked } from "../stack/command-lock";
import { readState } from "../stack/state";
import { confirm } from "../terminal/confirm";
import { applyPlan } from "../update/apply-plan";
import { planUpdate } from "../update/plan-update";

/** Users whose passwords can be renewed while everything runs: no container reads them at its start. */
const USERS: readonly string[] = [...SERVICE_NAMES, OPERATOR];

interface RotateOptions extends StackOptions {
  yes?: boolean;
}

export const rotate = new Command("rotate")
  .description("renew the passwords of one service in PostgreSQL, Redis and Kafka")
  .addArgument(new Argument("<user>", `one of ${USERS.join(", ")}`).argParser(parseUser))
  .addOption(stackOption())
  .addOption(offlineOption())
  .addOption(yesOption())
  .addHelpText(
    "after",
    "\nOpen connections stay, and no container is replaced. docs/rotation.md says how to renew other passwords.",
  )
  .addHelpText("after", examples("npm run rotate -- user-service"))
  .action((user: string, options: RotateOptions) =>
    whileLocked({ stack: options.stack, command: "rotate" }, () => renewPasswords(user, options)),
  );

function parseUser(name: string): string {
  if (!USERS.includes(name)) {
    throw new InvalidArgumentError(
      `It is one of ${USERS.join(", ")}. docs/rotation.md says how to renew other passwords.`,
    );
  }
  return name;
}

async function renewPasswords(user: string, options: RotateOptions): Promise<void> {
  const say = (line: string) => console.log(line);
  const { opened, plan, drift } = await planUpdate(options, { heal: false });
  if (opened === undefined || plan.hasWork || drift.some(isInTheWay)) {
    throw new FaultError([
      "The stack is not as the program says. Run up first, so that the rotation changes nothing else.",
    ]);
  }
  const passwords = passwordsOf(user, await readState(opened));
  const rotation = await previewStack(opened, passwords);
  throwIfAny([...allErrors(rotation), ...changedContainers(rotation)]);
  say(`Passwords of ${user} to renew:`);
  passwords.forEach((urn) => say(`  ${logicalName(urn)}`));
  say("Open connections stay. New connections need the new passwords as soon as each is renewed.");
  await confirm(`Renew them on stack ${options.stack}?`, options.yes ?? false);
  await applyPlan(opened, rotation, passwords);
  const { replace = 0 } = rotation.counts;
  say(`Renewed ${replace} passwords of ${user}; the stack's output "services" has the new ones.`);
}

/** Drift of a broker or Redis user may be the very password that is going to be renewed. */
const MAY_DRIFT = new Set<string>([TYPES.topic, TYPES.rights, TYPES.brokerUser, TYPES.redisUser]);

const isInTheWay = ({ urn }: Drift) => urn !== undefined && !MAY_DRIFT.has(typeOfUrn(urn));

/** URNs of the passwords with which one user logs in. Their names hold its own, as in `redis-user-service-password`. */
export const passwordsOf = (user: string, resources: { urn: string; type: string }[]): string[] =>
  resources
    .filter(
      ({ urn, type }) => type === TYPES.password && `-${logicalName(urn)}`.includes(`-${user}-`),
    )
    .map(({ urn }) => urn);

const changedContainers = ({ containers }: Plan): string[] =>
  containers
    .filter(({ action }) => action !== "none")
    .map(({ name }) => `The container ${name} would change; no password was renewed.`);
