import { IMAGE_KINDS, SERVERS } from "../../catalog/servers";
import { imageName } from "../../components/platform/image-name";
import type { PlatformConfig } from "../../config";
import { containersOf } from "../../config-servers";
import { engineIsThere, ensureEngine } from "../engine/install";
import { ensureDocker } from "../machine/docker";
import { ensureImages, type NeededImage } from "../machine/images";
import type { Offline } from "../options";

/**
 * Finds or installs the engine, and Docker if the stack runs containers. On a new machine, where the engine is missing,
 * the images are fetched or built at the same time: both take minutes, one of them mostly waiting.
 * @returns what is wrong with Docker, or undefined where it answers
 * @throws FaultError where there is no engine, or an image that a new machine lacks is not to be had
 */
export async function prepareMachine(
  images: NeededImage[],
  offline: Offline,
  say: (line: string) => void,
): Promise<string | undefined> {
  const isNew = !engineIsThere();
  const docker = async () => {
    if (images.length === 0) {
      return undefined;
    }
    const fault = await ensureDocker(say);
    if (isNew && fault === undefined) {
      await ensureImages(images, offline, say);
    }
    return fault;
  };
  const [fault] = await Promise.all([docker(), ensureEngine(offline, say)]);
  return fault;
}

/** The images of a stack's containers, each once. */
export function configuredImages(config: PlatformConfig): NeededImage[] {
  const all = containersOf(config).map((server) => {
    const { role, imageKey } = SERVERS[server];
    return { kind: IMAGE_KINDS[role], name: imageName(config[imageKey], config.imageRegistry) };
  });
  return all.filter(({ name }, at) => all.findIndex((other) => other.name === name) === at);
}
