/** What exists: the stacks of this checkout's backend, and everything in Docker that is labelled as a stack's. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import { LABELS } from "../../catalog/labels";
import { engineEnvironment } from "../engine/environment";
import { ENGINE } from "../engine/install";
import { FaultError } from "../fault";
import type { DockerKind } from "../machine/docker";
import { dockerLines, dockerObjects } from "../machine/docker-command";
import { STAND_IN_LABEL } from "../machine/images";
import { lastLines, run } from "../machine/run";
import { STATE } from "../paths";
import {
  keepsStateHere,
  localStacks,
  localState,
  PROJECT,
  type State,
  stateFile,
} from "../stack/local-state";
import { stackConfiguration } from "../stack/settings";
import { writeProject } from "../stack/stack";
import { storedState } from "../stack/stored-state";

/** A stack that this checkout's backend has. */
export interface FoundStack {
  name: string;
  /** When its first resource was created; undefined where it has none. */
  created?: Date;
  timeToLiveHours: number;
  /** Whether anything of it is protected from deletion, by its state or its configuration. */
  isProtected: boolean;
}

/** A stack of which not even that can be read. */
export interface UnreadableStack {
  name: string;
  fault: string;
}

/** Everything in Docker with the name of one stack and the place of one state. */
export interface FoundObjects {
  stack: string;
  /** When its time to live ends; undefined where it has none. */
  expires?: Date;
  /** Whether the state that the labels name is there; undefined where that cannot be seen from here. */
  hasState?: boolean;
  /** Whether it is the state of this checkout. */
  isOwn: boolean;
  /** Whether one of the objects has the label that keeps all objects of stacks with that name. */
  isKept: boolean;
  objects: LabelledObject[];
}

export interface LabelledObject {
  kind: DockerKind;
  id: string;
  name: string;
  labels: Record<string, string>;
}

const KINDS: DockerKind[] = ["container", "network", "volume"];

/** @throws FaultError where the backend cannot be read */
export async function findStacks(): Promise<(FoundStack | UnreadableStack)[]> {
  const names = keepsStateHere() ? localStacks() : await stacksInBackend();
  return Promise.all(
    names.map((name) =>
      findStack(name).catch((error: unknown) => ({ name, fault: (error as Error).message })),
    ),
  );
}

async function findStack(name: string): Promise<FoundStack> {
  const { resources = [] } = (await stateOf(name)) ?? {};
  const { protect, timeToLiveHours } = stackConfiguration(name);
  const times = resources.flatMap(({ created }) => (created ? [Date.parse(created)] : []));
  return {
    name,
    created: times.length > 0 ? new Date(Math.min(...times)) : undefined,
    timeToLiveHours,
    isProtected: protect || resources.some((resource) => resource.protect),
  };
}

const stateOf = (name: string): Promise<State | undefined> | State | undefined =>
  keepsStateHere()
    ? localState(name)
    : inProject((project) => storedState(name, project, engineEnvironment()));

async function stacksInBackend(): Promise<string[]> {
  const { code, stdout, stderr } = await inProject((project) =>
    run(ENGINE, ["stack", "ls", "--json", "--non-interactive", "--cwd", project], {
      env: { ...process.env, ...engineEnvironment() },
    }),
  );
  if (code !== 0) {
    throw new FaultError([`The stacks of the backend cannot be listed: ${lastLines(stderr)}`]);
  }
  return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
}

/** The engine lists and exports stacks of the project in whose folder it runs. */
async function inProject<T>(act: (project: string) => Promise<T>): Promise<T> {
  const project = mkdtempSync(join(tmpdir(), "learning-platform-project-"));
  try {
    writeProject(project);
    return await act(project);
  } finally {
    rmSync(project, { recursive: true });
  }
}

/** Everything in Docker that is labelled as the project's, by stack and state. */
export async function findObjects(): Promise<FoundObjects[]> {
  const objects = (await Promise.all(KINDS.map(labelled))).flat();
  const groups = new Map<string, LabelledObject[]>();
  for (const object of objects) {
    const key = `${object.labels[LABELS.stack]} ${object.labels[LABELS.state]}`;
    groups.set(key, [...(groups.get(key) ?? []), object]);
  }
  return [...groups.values()].map(describe);
}

async function labelled(kind: DockerKind): Promise<LabelledObject[]> {
  const filter = [
    "--filter",
    `label=${LABELS.project}=${PROJECT}`,
    "--filter",
    `label=${LABELS.stack}`,
  ];
  const list = kind === "container" ? ["ps", "--all"] : [kind, "ls"];
  const found = await inspected<Inspected>(kind, [...list, ...filter]);
  return found.map(({ Id, Name, Labels, Config }) => ({
    kind,
    id: Id ?? Name,
    name: Name.replace(/^\//, ""),
    labels: Labels ?? Config?.Labels ?? {},
  }));
}

interface Inspected {
  Id?: string;
  Name: string;
  Labels?: Record<string, string> | null;
  Config?: { Labels: Record<string, string> | null };
}

/** @param objects of one stack and one state */
function describe(objects: LabelledObject[]): FoundObjects {
  const [{ labels }] = objects;
  const times = objects.flatMap((object) => {
    const time = Date.parse(object.labels[LABELS.expires] ?? "");
    return Number.isNaN(time) ? [] : [time];
  });
  const [host, folder] = (labels[LABELS.state] ?? "").split(/:(.*)/);
  const isHere = host === hostname() && folder !== undefined;
  const stack = labels[LABELS.stack];
  return {
    stack,
    expires: times.length > 0 ? new Date(Math.min(...times)) : undefined,
    hasState: isHere ? existsSync(stateFile(stack, folder)) : undefined,
    isOwn: isHere && folder === STATE,
    isKept: objects.some((object) => object.labels[LABELS.keep] === "true"),
    objects,
  };
}

/** Ids of stand-in images that lost their name to a newer one. Docker keeps those that a container has. */
export async function findOldImages(): Promise<string[]> {
  const filter = ["--filter", "dangling=true", "--filter", `label=${STAND_IN_LABEL}`];
  const [images, containers] = await Promise.all([
    dockerLines(["images", "--quiet", "--no-trunc", ...filter]),
    inspected<{ Image: string }>("container", ["ps", "--all"]),
  ]);
  const used = new Set(containers.map(({ Image }) => Image));
  return images.filter((image) => !used.has(image));
}

/** What Docker says of each object that a command lists. */
async function inspected<T>(kind: DockerKind, list: string[]): Promise<T[]> {
  const ids = await dockerLines([...list, "--quiet"]);
  return ids.length > 0 ? dockerObjects<T>([kind, "inspect", ...ids]) : [];
}
