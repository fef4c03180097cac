import { join } from "node:path";

import type { ImageKind } from "../catalog/servers";
import { FaultError } from "./fault";
import type { Offline } from "./options";
import { ROOT } from "./paths";
import { lastLines, run } from "./run";
import { defaultImages } from "./stack";

/** Label of an image that was built here and is not the one that its name says. */
export const STAND_IN_LABEL = "learning-platform.stand-in";

/** An image that the plan needs, by what it is for. */
export interface NeededImage {
  kind: ImageKind;
  name: string;
}

/**
 * Sees to it that Docker holds every image: pulls what is missing or, where that is not to be had or
 * not wanted, builds it from package registries. Says aloud which images are stand-ins, and builds those of
 * another recipe than today's anew.
 * @throws FaultError with every image that could not be had
 */
export async function ensureImages(
  needed: NeededImage[],
  offline: Offline,
  say: (line: string) => void,
): Promise<void> {
  const present = await Promise.all(
    needed.map(async ({ name }) => (await run("docker", ["image", "inspect", name])).code === 0),
  );
  const missing = needed.filter((_, index) => !present[index]);
  const failed: Failure[] = [];
  for (const image of missing) {
    const reason = offline === "always" ? "as configured" : await pull(image, say);
    if (reason !== undefined) {
      failed.push({ image, reason });
    }
  }
  const told = failed.filter((one) => offline === "never" || !mayBeBuilt(one, offline));
  if (told.length > 0) {
    throw new FaultError(told.map(({ image, reason }) => wordsOf(image, reason)));
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
  const older = (await sayStandIns(needed, offline, say)).filter((one) => !missing.includes(one));
  if (older.length > 0) {
    await build(older, say);
  }
}

interface Failure {
  image: NeededImage;
  /** What the engine said of the pull. */
  reason: string;
}

/**
 * What Go says where a registry was not reached: the cause behind the request in the engine's message (moby
 * distribution/pull.go hands it on as it is; net, crypto/x509 and net/http). All else is a registry's answer.
 */
const UNREACHED = new RegExp(
  [
    "no such host|server misbehaving|Temporary failure in name resolution",
    "connection refused|connection reset|no route to host|network is unreachable",
    "i/o timeout|TLS handshake timeout|deadline exceeded|request canceled while waiting|Client\\.Timeout",
    "proxyconnect|x509: |tls: |unexpected EOF|: EOF$",
    // A proxy's refusal to let the request out.
    '": (Forbidden|Proxy Authentication Required|Bad Gateway|Service Unavailable|Gateway Timeout)$',
  ].join("|"),
);

/** A stand-in may take the name of an image that the project names, while the network is not to be had. */
const mayBeBuilt = ({ image, reason }: Failure, offline: Offline): boolean =>
  defaultImages().has(image.name) && (offline === "always" || UNREACHED.test(reason));

const wordsOf = ({ name }: NeededImage, reason: string) => {
  const advice = UNREACHED.test(reason) ? "" : ". Check its name and tag, and docker login";
  return `The image ${name} could not be pulled: ${reason}${advice}`;
};

async function pull({ name }: NeededImage, say: (line: string) => void) {
  say(`Pulling ${name} ...`);
  const { code, stderr } = await run("docker", ["pull", "-q", name]);
  return code === 0 ? undefined : lastLines(stderr, 1);
}

/** Builds those that are missing or of another recipe than today's; the script leaves the others alone. */
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

/** @returns the images that are stand-ins */
async function sayStandIns(
  images: NeededImage[],
  offline: Offline,
  say: (line: string) => void,
): Promise<NeededImage[]> {
  const { stdout } = await run("docker", ["image", "inspect", ...images.map(({ name }) => name)]);
  const found = JSON.parse(stdout) as { Config: { Labels: Record<string, string> | null } }[];
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
