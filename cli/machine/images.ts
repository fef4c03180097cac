import { join } from "node:path";

import { type ImageKind, NOT_BUILT } from "../../catalog/servers";
import { registryOf } from "../../components/platform/image-name";
import { FaultError } from "../fault";
import type { Offline } from "../options";
import { ROOT } from "../paths";
import { defaultImages } from "../stack/settings";
import { docker, dockerObjects } from "./docker-command";
import { lastLines, run } from "./run";

/** Label of an image that was built here and is not what its name says. */
export const STAND_IN_LABEL = "learning-platform.stand-in";

/** An image that the plan needs, and what it is for. */
export interface NeededImage {
  kind: ImageKind;
  name: string;
}

/**
 * Ensures that every image is present: pulls missing images, or builds them from package registries where that fails or
 * is not wanted. Names all stand-ins, and rebuilds those of an older recipe.
 * @throws FaultError with every image that is missing
 */
export async function ensureImages(
  needed: NeededImage[],
  offline: Offline,
  say: (line: string) => void,
): Promise<void> {
  const missing = await missingOf(needed);
  const failed = await pullAll(missing, offline, say);
  const refused = failed.filter((one) => offline === "never" || !mayBeBuilt(one, offline));
  if (refused.length > 0) {
    throw new FaultError(refused.map(({ image, reason }) => pullFault(image, reason)));
  }
  if (failed.length > 0) {
    for (const { image, reason } of failed) {
      say(`Offline: ${image.name} is built from Debian, npm and Maven packages (${reason}).`);
    }
    await build(
      failed.map(({ image }) => image),
      say,
    );
  }
  const older = (await reportStandIns(needed, offline, say)).filter(
    (one) => !missing.includes(one),
  );
  if (older.length > 0) {
    await build(older, say);
  }
}

interface Failure {
  image: NeededImage;
  /** Why the pull failed, in the engine's words. */
  reason: string;
}

async function missingOf(needed: NeededImage[]): Promise<NeededImage[]> {
  const present = await Promise.all(
    needed.map(async ({ name }) => (await docker(["image", "inspect", name])).code === 0),
  );
  return needed.filter((_, index) => !present[index]);
}

/** Pulls images, and returns those that could not be pulled, or are not to be. */
async function pullAll(
  missing: NeededImage[],
  offline: Offline,
  say: (line: string) => void,
): Promise<Failure[]> {
  const reasons = await Promise.all(
    missing.map((image) => (offline === "always" ? "as configured" : pull(image, say))),
  );
  return missing.flatMap((image, index): Failure[] => {
    const reason = reasons[index];
    return reason === undefined ? [] : [{ image, reason }];
  });
}

/**
 * Pulls the images that cannot be built from packages.
 * @returns the kinds of those that the network keeps from this machine, with the reasons
 */
export async function unobtainable(
  needed: NeededImage[],
  offline: Offline,
  say: (line: string) => void,
): Promise<{ kind: ImageKind; name: string; reason: string }[]> {
  const failed = await pullAll(await missingOf(needed.filter(isNotBuilt)), offline, say);
  return failed
    .filter(({ reason }) => offline === "always" || UNREACHED.test(reason))
    .map(({ image, reason }) => ({ ...image, reason }));
}

/** Whether an image is in no package registry, in whatever form. */
export const isNotBuilt = ({ kind }: NeededImage): boolean => NOT_BUILT[kind] !== undefined;

/**
 * Go's messages where a registry was not reached: the engine passes on the cause as it is (moby distribution/pull.go;
 * net, crypto/x509 and net/http). Any other message is a registry's answer.
 */
const UNREACHED = new RegExp(
  [
    "no such host|server misbehaving|Temporary failure in name resolution",
    "connection refused|connection reset|no route to host|network is unreachable",
    "i/o timeout|TLS handshake timeout|deadline exceeded|request canceled while waiting|Client\\.Timeout",
    "proxyconnect|x509: |tls: |unexpected EOF|: EOF$",
    // A proxy refused the request.
    '": (Forbidden|Proxy Authentication Required|Bad Gateway|Service Unavailable|Gateway Timeout)$',
  ].join("|"),
);

/** A stand-in may replace one of the project's default images while the network is missing. */
const mayBeBuilt = ({ image, reason }: Failure, offline: Offline): boolean =>
  !isNotBuilt(image) &&
  defaultImages().has(image.name) &&
  (offline === "always" || UNREACHED.test(reason));

/** A registry's answers to who is not logged in, or may not pull (moby registry/errors.go, distribution/errors.go). */
const REFUSED = /no basic auth credentials|unauthorized|authentication required|access denied/i;

const pullFault = ({ kind, name }: NeededImage, reason: string) =>
  `The image ${name} could not be pulled: ${reason}${adviceOn(name, reason)}${withoutImage(kind)}`;

/** How a stack does without an image that cannot be built here either. */
function withoutImage(kind: ImageKind): string {
  const key = NOT_BUILT[kind];
  return key === undefined
    ? ""
    : `. It cannot be built from packages: set learning-platform:${key} to false to leave it out`;
}

function adviceOn(name: string, reason: string): string {
  if (REFUSED.test(reason)) {
    return `. Log in first: docker login ${registryOf(name)}`;
  }
  return UNREACHED.test(reason) ? "" : ". Check its name and tag, and docker login";
}

async function pull({ name }: NeededImage, say: (line: string) => void) {
  say(`Pulling ${name} ...`);
  const { code, stderr } = await docker(["pull", "-q", name]);
  return code === 0 ? undefined : lastLines(stderr, 1);
}

/** Builds images that are missing or of an older recipe; the script skips the others. */
async function build(images: NeededImage[], say: (line: string) => void): Promise<void> {
  const args = images.flatMap(({ kind, name }) => [`--${kind}`, name]);
  const script = join(ROOT, "offline", "build-images.sh");
  const onLine = (line: string) => line.includes(" is there") || say(line);
  const built = await run("bash", [script, ...args], { onLine });
  if (built.code !== 0) {
    throw new FaultError([
      `The images could neither be pulled nor built:\n${lastLines(built.stderr)}`,
    ]);
  }
}

/** What an image stands in for it is, false where it is the original, undefined where it is not here. */
export async function isStandIn(name: string): Promise<string | false | undefined> {
  const [found] = await dockerObjects<{ Config: { Labels: Record<string, string> | null } }>([
    ...["image", "inspect", name],
  ]);
  return found && (found.Config.Labels?.[STAND_IN_LABEL] ?? false);
}

/** Names the stand-ins among the images, and returns them. */
export async function reportStandIns(
  images: NeededImage[],
  offline: Offline,
  say: (line: string) => void,
): Promise<NeededImage[]> {
  const names = images.map(({ name }) => name);
  const found = await dockerObjects<{ Config: { Labels: Record<string, string> | null } }>([
    ...["image", "inspect", ...names],
  ]);
  const standIns = found.flatMap(({ Config }, index) => {
    const standIn = Config.Labels?.[STAND_IN_LABEL];
    return standIn ? [{ image: images[index], standIn }] : [];
  });
  standIns.forEach(({ image, standIn }) => say(`Stand-in: ${image.name} is ${standIn}.`));
  if (offline === "never" && standIns.length > 0) {
    throw new FaultError(
      standIns.map(
        ({ image: { name } }) =>
          `The image ${name} is a stand-in. Remove it to have the real one pulled: docker image rm ${name}`,
      ),
    );
  }
  return standIns.map(({ image }) => image);
}
