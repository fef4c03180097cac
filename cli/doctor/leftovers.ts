import { throwIfAny } from "../fault";
import { dockerAnswers } from "../machine/docker";
import { findObjects, findOldImages, findStacks } from "../sweep/found";
import { judge, type Verdict } from "../sweep/judge";
import { removeImages, removeObjects } from "../sweep/remove";
import { type Finding, ok, warning } from "./finding";

/** What is left in Docker of stacks that are over, by the judgement of `npm run sweep`. */
export async function checkLeftovers(): Promise<Finding[]> {
  if (!(await dockerAnswers())) {
    return [];
  }
  const [stacks, objects, images] = await Promise.all([
    findStacks(),
    findObjects(),
    findOldImages(),
  ]);
  const found = [
    ...judge(stacks, objects, { now: new Date() }).flatMap(describe),
    ...(images.length > 0 ? [oldImages(images)] : []),
  ];
  return found.length > 0 ? found : [ok("Leftovers", "none")];
}

/** A stack that is over has a state, and perhaps data: only a person removes it. */
export function describe({ stack, remove, why, objects }: Verdict): Finding[] {
  const count = `${objects.length} objects of stack ${stack} in Docker`;
  if (remove === "stack") {
    return [
      warning(
        "Leftovers",
        `stack ${stack}: ${why}`,
        "npm run sweep -- --yes removes it with its data.",
      ),
    ];
  }
  return remove === "objects"
    ? [
        warning("Leftovers", `${count}: ${why}`, "npm run sweep -- --yes removes them.", {
          done: `removed ${count}, of which no state is left`,
          run: () => removeObjects(objects),
        }),
      ]
    : [];
}

const oldImages = (images: string[]): Finding =>
  warning(
    "Leftovers",
    `${images.length} stand-in images of older kinds`,
    "npm run sweep -- --yes removes them.",
    {
      done: `removed ${images.length} old stand-in images`,
      run: async () => throwIfAny(await removeImages(images)),
    },
  );
