import { FaultError } from "../fault";
import { majorOfImage } from "../machine/image-major";
import type { NeededImage } from "../machine/images";
import { stackConfiguration } from "../stack/settings";

/**
 * Refuses an image of another major version than the data: its server would not start. The names of most images say it, and
 * the configuration is refused for them already; this looks into the image.
 * @throws FaultError
 */
export async function refuseOtherMajor(
  stack: string,
  images: readonly NeededImage[],
): Promise<void> {
  const image = images.find(({ kind }) => kind === "postgres");
  const found = image && (await majorOfImage(image.name));
  const { postgresMajor } = stackConfiguration(stack);
  if (image !== undefined && found !== undefined && found !== postgresMajor) {
    throw new FaultError([
      `The image ${image.name} has PostgreSQL ${found}, and learning-platform:postgresMajor is ${postgresMajor}. ` +
        "To move a stack with its data: npm run upgrade -- --postgres IMAGE (docs/upgrades.md). For a new stack, set postgresMajor.",
    ]);
  }
}
