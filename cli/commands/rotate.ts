import { CONSOLE_USER } from "../../catalog/acls";
import { SERVICE_NAMES } from "../../catalog/services";
import { OPERATOR } from "../../catalog/topics";
import { FaultError } from "../fault";
import { countChanges, hasWork, isChange, logicalName, type Plan, TYPES } from "../plan/plan";
import { planned, preparePlan } from "../plan/planning";
import { confirm } from "../terminal/confirm";
import { managedResources, update } from "./commands";
import type { Options } from "./options";

const PASSWORD_TYPE = "random:index/randomPassword:RandomPassword";
/** Whose passwords can be renewed while everything runs: those that no container reads at its start. */
const HOLDERS: readonly string[] = [...SERVICE_NAMES, OPERATOR];

const say = (line: string) => console.log(line);

/**
 * Renews every password of one service, in PostgreSQL, Redis and Kafka, over their own protocols. Open
 * connections stay; no container is replaced.
 */
export async function rotate(options: Options): Promise<void> {
  const [holder = "", ...more] = options.words;
  if (!HOLDERS.includes(holder) || more.length > 0) {
    throw new FaultError([
      `npm run rotate -- NAME [--stack NAME] [--yes], where NAME is one of ${HOLDERS.join(", ")}.`,
      ...(holder === CONSOLE_USER || holder.startsWith("admin")
        ? ["What a container reads at its start is renewed as docs/rotation.md says."]
        : []),
    ]);
  }
  const { opened, plan, deviating } = await planned(options, { heal: false });
  if (opened.isNew || hasWork(plan) || deviating.length > 0) {
    throw new FaultError([
      "The stack is not as the program says. Run up first, so that a rotation changes nothing else.",
    ]);
  }
  const passwords = passwordsOf(holder, await managedResources(opened));
  const rotation = await preparePlan(opened, passwords);
  const faults = [...rotation.errors, ...replacedContainers(rotation)];
  if (faults.length > 0) {
    throw new FaultError(faults);
  }
  say(`Passwords of ${holder} that would be renewed:`);
  passwords.forEach((urn) => say(`  ${logicalName(urn)}`));
  say("Open connections stay. New ones need the new passwords as soon as each is renewed.");
  await confirm(`Renew them on stack ${options.stack}?`, options.own.yes ?? false);
  await update(opened, rotation, passwords);
  const { replace = 0 } = countChanges(rotation);
  say(`Renewed ${replace} passwords of ${holder}; the stack's output "services" has the new ones.`);
}

/** URNs of the passwords by which one user logs in: its own name is a part of theirs, as in `redis-user-service-password`. */
export const passwordsOf = (holder: string, resources: { urn: string; type: string }[]): string[] =>
  resources
    .filter(
      ({ urn, type }) => type === PASSWORD_TYPE && `-${logicalName(urn)}`.includes(`-${holder}-`),
    )
    .map(({ urn }) => urn);

const replacedContainers = (plan: Plan): string[] =>
  plan.steps
    .filter((step) => step.type === TYPES.container && isChange(step))
    .map(({ urn }) => `The container of ${logicalName(urn)} would change; nothing was renewed.`);
