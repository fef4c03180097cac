import { NOT_BUILT } from "../../catalog/servers";
import { unobtainable } from "../machine/images";
import type { StackOptions } from "../options";
import { leaveOut, stackConfiguration } from "../stack/settings";
import { configuredImages } from "./prepare-machine";

/**
 * Leaves out of this run, and says so, what the stack can do without and whose image can neither be pulled nor built
 * here. With `--offline never` nothing is left out: the run fails when it comes to the image.
 */
export async function leaveOutUnobtainable(
  { stack, offline }: StackOptions,
  say: (line: string) => void,
): Promise<void> {
  if (offline === "never") {
    return;
  }
  const images = configuredImages(stackConfiguration(stack));
  for (const { kind, name, reason } of await unobtainable(images, offline, say)) {
    leaveOut(stack, NOT_BUILT[kind]!);
    say(
      `Left out: ${kind}. Its image ${name} could not be pulled (${reason}), and it cannot be built from packages. ` +
        `learning-platform:${NOT_BUILT[kind]} set to false does the same without asking.`,
    );
  }
}
