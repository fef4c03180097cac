import { isDeepStrictEqual } from "node:util";

import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";

import { IMAGE_KINDS, isCopy } from "../../catalog/servers";
import type { AccessPoints } from "../../contract/outputs";
import { plainText } from "../engine/messages";
import type { NeededImage } from "../machine/images";
import { logicalName, typeOfUrn, TYPES } from "../resource-types";
import type {
  Action,
  DataLoss,
  KeptResource,
  Plan,
  PlannedContainer,
  PlannedMigrations,
  PlannedObject,
  PlannedResource,
} from "./plan";
import { readRights } from "./rights";
import { readSchemas } from "./schemas";
import { readTopics } from "./topics";

/** Collects the events of a preview, and reads them once into a plan. */
export class PlanRecorder {
  private readonly steps: StepEventMetadata[] = [];
  private readonly errors: string[] = [];
  private readonly warnings: string[] = [];
  private stackOutputs: Pick<StepEventMetadata, "old" | "new"> = {};

  public readonly onEvent = (event: EngineEvent): void => {
    if (event.resourcePreEvent) {
      this.steps.push(event.resourcePreEvent.metadata);
    }
    const done = event.resOutputsEvent?.metadata;
    if (done?.type === TYPES.stack) {
      this.stackOutputs = done;
    }
    const { severity, message = "" } = event.diagnosticEvent ?? {};
    if (severity === "error") {
      this.errors.push(plainText(message));
    } else if (severity === "warning") {
      this.warnings.push(plainText(message));
    }
  };

  public result(): Plan {
    const { old: before, new: after } = this.stackOutputs;
    const outputsChange = !isDeepStrictEqual(before?.outputs, after?.outputs);
    const { steps } = this;
    const ofType = (type: string) => whole(steps).filter((step) => step.type === type);
    const protectionChanges = steps.filter(changesProtection).length;
    const changes = steps.filter(isChange);
    const resources = readResources(steps);
    return {
      containers: ofType(TYPES.container).map(readContainer),
      volumes: ofType(TYPES.volume).map(readObject),
      networks: ofType(TYPES.network).map(readObject),
      images: readImages(ofType(TYPES.image)),
      migrations: readMigrations(ofType(TYPES.migrations)),
      losses: whole(steps).flatMap(readLoss),
      topics: readTopics(whole(steps), actionOf),
      schemas: readSchemas(whole(steps)),
      rights: readRights(whole(steps)),
      kept: steps.filter(({ op }) => STAYS.has(op)).map(readKept),
      counts: countChanges(resources),
      unchanged: steps.length - changes.length,
      protectionChanges,
      hasWork: outputsChange || changes.length > 0 || protectionChanges > 0,
      resources,
      changes: changes.map(({ type, op }) => ({ type, op })),
      accessPoints: (after?.outputs.accessPoints ?? {}) as AccessPoints,
      ...separateProtection(this.errors),
      warnings: [...new Set(this.warnings)],
    };
  }
}

const UNCHANGED = new Set(["same", "read", "refresh"]);
const STAYS = new Set([...UNCHANGED, "update"]);
/** The engine reports a replacement as a whole (`replace`) and in these two parts. */
const PARTS_OF_REPLACE = new Set(["create-replacement", "delete-replaced"]);
const ACTIONS = new Set<string>(["create", "update", "replace", "delete"]);

const isChange = ({ op }: StepEventMetadata) => !UNCHANGED.has(op);

const actionOf = ({ op }: StepEventMetadata) => (ACTIONS.has(op) ? op : "none") as Action;

/** One step for each resource. */
const whole = (steps: StepEventMetadata[]) => steps.filter(({ op }) => !PARTS_OF_REPLACE.has(op));

const changesProtection = ({ op, old, new: planned }: StepEventMetadata) =>
  op === "same" && (old?.protect ?? false) !== (planned?.protect ?? false);

const nameIn = (state: StepEventMetadata["new"]): string | undefined =>
  state && String(state.inputs.name);

function readContainer(step: StepEventMetadata): PlannedContainer {
  const { urn, old, new: planned } = step;
  const action = actionOf(step);
  const inputs = (planned ?? old)?.inputs ?? {};
  const ports = (inputs.ports ?? []) as { external: number }[];
  const before = volumesOf(old?.inputs);
  const after = volumesOf(planned?.inputs);
  const taken = before.some((volume) => !after.includes(volume));
  const others = after.filter((volume) => !before.includes(volume));
  return {
    action,
    service: logicalName(urn).replace(/-container$/, ""),
    name: nameIn(planned ?? old) ?? "",
    ...(action === "replace" ? { replaces: nameIn(old) } : {}),
    ports: ports.map((port) => port.external),
    memoryMb: Number(inputs.memory ?? 0),
    keptVolumes: after.filter((volume) => before.includes(volume)),
    ...(taken && others.length > 0 ? { otherVolumes: others } : {}),
  };
}

const volumesOf = (inputs: Record<string, unknown> = {}): string[] =>
  ((inputs.volumes ?? []) as { volumeName?: string }[]).flatMap(
    ({ volumeName }) => volumeName ?? [],
  );

const readObject = (step: StepEventMetadata): PlannedObject => ({
  action: actionOf(step),
  name: nameIn(step.old ?? step.new) ?? "",
});

function readImages(steps: StepEventMetadata[]): NeededImage[] {
  const images = steps
    .filter(({ op }) => op !== "delete")
    .map(({ urn, new: planned }) => ({
      kind: IMAGE_KINDS[logicalName(urn).replace(/-image$/, "")],
      name: nameIn(planned) ?? "",
    }));
  return images.filter(({ name }, at) => images.findIndex((other) => other.name === name) === at);
}

type Hashes = Record<string, string>;

function readMigrations(steps: StepEventMetadata[]): PlannedMigrations[] {
  return steps
    .filter((step) => step.new)
    .map((step) => {
      const files = (key: "versioned" | "repeatable") => (step.new!.inputs[key] ?? {}) as Hashes;
      const applied = (key: "versioned" | "repeatable") =>
        (step.op === "create" ? {} : (step.old?.outputs[key] ?? {})) as Hashes;
      const pending = (key: "versioned" | "repeatable") =>
        Object.entries(files(key))
          .filter(([name, checksum]) => applied(key)[name] !== checksum)
          .map(([name, checksum]) => ({ name, checksum }));
      return {
        database: String(step.new!.inputs.database),
        directory: String(step.new!.inputs.directory),
        isNew: step.op === "create",
        versioned: Object.keys(files("versioned")).length,
        repeatable: Object.keys(files("repeatable")).length,
        pending: isChange(step) ? [...pending("versioned"), ...pending("repeatable")] : [],
      };
    })
    .sort((a, b) => a.database.localeCompare(b.database));
}

const KINDS_WITH_DATA: Record<string, DataLoss["kind"]> = {
  [TYPES.topic]: "topic",
  [TYPES.database]: "database",
  [TYPES.volume]: "volume",
};

function readLoss({ op, type, urn, old, new: planned }: StepEventMetadata): DataLoss[] {
  const kind = KINDS_WITH_DATA[type];
  if (!kind || !(op === "delete" || (op === "replace" && kind !== "volume"))) {
    return [];
  }
  const name = String(old?.inputs.name ?? logicalName(urn));
  if (kind === "volume" && isCopy(name)) {
    return [];
  }
  const [before, after] = [old, planned].map((state) => Number(state?.inputs.partitions));
  return [
    {
      kind,
      name,
      action: op,
      isProtected: old?.protect === true,
      ...(op === "replace" && after < before ? { partitions: [before, after] } : {}),
    },
  ];
}

const readKept = (step: StepEventMetadata): KeptResource => ({
  urn: step.urn,
  type: step.type,
  changes: isChange(step),
  protect: step.new?.protect ?? false,
});

/** The engine's own settings of a plugin. They hold the whole configuration, so they change with any key. */
const isDefaultProvider = ({ type, urn }: StepEventMetadata) =>
  type.startsWith("pulumi:providers:") && /^default(_|$)/.test(logicalName(urn));

/** Steps arrive in the order in which resources happen to be registered. */
const readResources = (steps: StepEventMetadata[]): PlannedResource[] =>
  whole(steps)
    .filter((step) => isChange(step) && !isDefaultProvider(step))
    .map(({ type, urn, op }) => ({ type, name: logicalName(urn), op }))
    .sort((a, b) => (`${a.type} ${a.name}` < `${b.type} ${b.name}` ? -1 : 1));

function countChanges(resources: PlannedResource[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const op of resources.map((resource) => resource.op).sort()) {
    counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}

/** Matches the engine's protection errors, which name a resource by its URN only. */
const PROTECTED =
  /resource "(urn:[^"]+)"\s+(cannot be deleted|as it is currently marked for protection)/;

function separateProtection(all: string[]): Pick<Plan, "errors" | "protectionErrors"> {
  const isProtection = (error: string) => {
    const [, urn] = PROTECTED.exec(error) ?? [];
    return urn !== undefined && typeOfUrn(urn) in KINDS_WITH_DATA;
  };
  const protectionErrors = all.filter(isProtection);
  const others = all.filter((error) => !isProtection(error));
  return {
    protectionErrors,
    // The engine ends with this line, which says nothing beside the protection errors.
    errors:
      protectionErrors.length > 0 ? others.filter((error) => error !== "preview failed") : others,
  };
}
