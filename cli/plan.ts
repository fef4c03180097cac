import { isDeepStrictEqual } from "node:util";

import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";

import { IMAGE_KINDS } from "../catalog/servers";
import type { NeededImage } from "./images";

/** What a preview says that an update would do. */
export interface Plan {
  steps: StepEventMetadata[];
  /** Whether the stack's outputs would be others, even if no resource changes. */
  outputsChange: boolean;
  /** The stack's outputs as they will be, as far as they are known before an update; secrets are hidden. */
  outputs: Record<string, unknown>;
  /** Errors of the preview, as a person reads them. */
  errors: string[];
}

/** A container that the update makes: what must be free on the host for it. */
export interface PlannedContainer {
  name: string;
  /** Name of the container that goes first, and with it its hold on name and ports. */
  replaces?: string;
  ports: number[];
}

/** The files that an update would run on one database, with their hashes. */
export interface PlannedMigrations {
  database: string;
  files: { name: string; checksum: string }[];
  /** Whether the database itself is yet to be made. */
  isNew: boolean;
}

export const TYPES = {
  stack: "pulumi:pulumi:Stack",
  container: "docker:index/container:Container",
  image: "docker:index/remoteImage:RemoteImage",
  network: "docker:index/network:Network",
  volume: "docker:index/volume:Volume",
  database: "postgresql:index/database:Database",
  role: "postgresql:index/role:Role",
  grant: "postgresql:index/grant:Grant",
  defaultPrivileges: "postgresql:index/defaultPrivileges:DefaultPrivileges",
  roleSettings: "pulumi-nodejs:dynamic/database:RoleSettings",
  migrations: "pulumi-nodejs:dynamic/database:SchemaMigrations",
  topic: "kafka:index/topic:Topic",
  brokerUser: "kafka:index/userScramCredential:UserScramCredential",
  rights: "pulumi-nodejs:dynamic/kafka:Rights",
  redisUser: "pulumi-nodejs:dynamic/redis:User",
} as const;

const UNCHANGED = new Set(["same", "read", "refresh"]);
const STAYS = new Set(["same", "update"]);
/** A replacement is told of as a whole and in these two parts. */
const PARTS_OF_REPLACE = new Set(["create-replacement", "delete-replaced"]);

/** Gathers the events of a preview. */
export class PlanRecorder {
  private readonly plan: Plan = { steps: [], errors: [], outputsChange: false, outputs: {} };

  public readonly onEvent = (event: EngineEvent): void => {
    if (event.resourcePreEvent) {
      this.plan.steps.push(event.resourcePreEvent.metadata);
    }
    const done = event.resOutputsEvent?.metadata;
    if (done?.type === TYPES.stack) {
      this.plan.outputs = done.new?.outputs ?? {};
      this.plan.outputsChange = !isDeepStrictEqual(done.old?.outputs, done.new?.outputs);
    }
    if (event.diagnosticEvent?.severity === "error") {
      this.plan.errors.push(plainText(event.diagnosticEvent.message));
    }
  };

  public result(): Plan {
    return this.plan;
  }
}

/** A message without the engine's colour marks. */
export const plainText = (message: string) => message.replace(/<\{%[^%]*%\}>/g, "").trim();

/** The part of a URN that the program chose. */
export const logicalName = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);

const ofType = (plan: Plan, type: string) => plan.steps.filter((step) => step.type === type);

export const isChange = ({ op }: Pick<StepEventMetadata, "op">) => !UNCHANGED.has(op);

/** Whether an update has something to do: options such as protect change without a change of the resource. */
export const hasWork = ({ steps, outputsChange }: Plan) =>
  outputsChange || steps.some((step) => isChange(step) || changesProtection(step));

const changesProtection = ({ op, old, new: planned }: StepEventMetadata) =>
  op === "same" && (old?.protect ?? false) !== (planned?.protect ?? false);

/** Resources that gain or lose their protection from deletion and stay as they are otherwise. */
export const protectionChanges = (plan: Plan): number =>
  plan.steps.filter(changesProtection).length;

/** Volumes that would be replaced by empty ones, while what was in them stays in the stack's books. */
export function replacedVolumes(plan: Plan): string[] {
  return ofType(plan, TYPES.volume)
    .filter(({ op }) => op === "replace")
    .map(({ old }) => String(old?.inputs.name));
}

/** Names of the volumes and networks that an update makes. */
export function newNames(plan: Plan): { volumes: string[]; networks: string[] } {
  const created = (type: string) =>
    ofType(plan, type)
      .filter(({ op }) => op === "create")
      .map(({ new: planned }) => String(planned?.inputs.name));
  return { volumes: created(TYPES.volume), networks: created(TYPES.network) };
}

/** Volumes that the stack takes to be there. */
export function keptVolumes(plan: Plan): string[] {
  return ofType(plan, TYPES.volume)
    .filter(({ op }) => STAYS.has(op))
    .map(({ new: planned }) => String(planned?.inputs.name));
}

/** A resource that the stack takes to be there as it left it. */
export interface KeptResource {
  urn: string;
  type: string;
  /** Identifier of what it stands for, as its system has it. */
  id: string;
  inputs: Record<string, unknown>;
  /** Whether it is protected from deletion once the update is done. */
  protect?: boolean;
}

/** Resources that the stack takes to be there and to stay, with the inputs of the last update. */
export const keptResources = (plan: Plan): KeptResource[] => resourcesBy(plan, STAYS);

/** Those of them that an update leaves as they are. */
export const unchangedResources = (plan: Plan): KeptResource[] => resourcesBy(plan, UNCHANGED);

const resourcesBy = (plan: Plan, ops: ReadonlySet<string>): KeptResource[] =>
  plan.steps
    .filter(({ op }) => ops.has(op))
    .map(({ urn, type, old, new: planned }) => ({
      urn,
      type,
      id: old?.id ?? "",
      inputs: old?.inputs ?? {},
      protect: planned?.protect,
    }));

/** The engine's own settings of a plugin: they hold the stack's whole configuration and change with any key. */
const isDefaultProvider = ({ type, urn }: Pick<StepEventMetadata, "type" | "urn">) =>
  type.startsWith("pulumi:providers:") && /^default(_|$)/.test(logicalName(urn));

/** Number of resources by what would happen to them; unchanged ones are left out. */
export function countChanges(plan: Plan): Record<string, number> {
  const counts: Record<string, number> = {};
  const changes = plan.steps.filter(
    (step) => isChange(step) && !PARTS_OF_REPLACE.has(step.op) && !isDefaultProvider(step),
  );
  // Steps arrive in the order in which their resources happen to be registered.
  for (const op of changes.map((step) => step.op).sort()) {
    counts[op] = (counts[op] ?? 0) + 1;
  }
  return counts;
}

/** Containers that an update makes, for the first time or in place of one that it removes. */
export function newContainers(plan: Plan): PlannedContainer[] {
  return ofType(plan, TYPES.container)
    .filter(({ op }) => op === "create" || op === "create-replacement")
    .map(({ op, old, new: planned }) => ({
      name: String(planned?.inputs.name),
      replaces: op === "create-replacement" ? String(old?.inputs.name) : undefined,
      ports: ((planned?.inputs.ports ?? []) as { external: number }[]).map((port) => port.external),
    }));
}

/** Containers that an update stops and makes again, with the volumes that they keep. */
export function replacedContainers(
  plan: Plan,
): { service: string; name: string; volumes: string[] }[] {
  const volumesOf = (inputs: Record<string, unknown> = {}) =>
    ((inputs.volumes ?? []) as { volumeName?: string }[]).flatMap(
      ({ volumeName }) => volumeName ?? [],
    );
  return ofType(plan, TYPES.container)
    .filter(({ op }) => op === "replace")
    .map(({ urn, old, new: planned }) => ({
      service: logicalName(urn).replace(/-container$/, ""),
      name: String(planned?.inputs.name),
      volumes: volumesOf(planned?.inputs).filter((volume) =>
        volumesOf(old?.inputs).includes(volume),
      ),
    }));
}

/** Memory limits of all containers together, in MiB. */
export function plannedMemoryMb(plan: Plan): number {
  // A replacement is told of in three steps, two of which hold the new container.
  return ofType(plan, TYPES.container)
    .filter(({ op }) => op !== "replace")
    .reduce((sum, { new: planned }) => sum + Number(planned?.inputs.memory ?? 0), 0);
}

/** The images that the program uses, each once. */
export function neededImages(plan: Plan): NeededImage[] {
  const images = ofType(plan, TYPES.image)
    .filter(({ op }) => !op.includes("delete"))
    .map(({ urn, new: planned }) => ({
      kind: IMAGE_KINDS[logicalName(urn).replace(/-image$/, "")],
      name: String(planned?.inputs.name),
    }));
  return images.filter(({ name }, at) => images.findIndex((other) => other.name === name) === at);
}

/** Each database that the program migrates, with the number of its files. */
export function stepsOfMigrations(
  plan: Plan,
): { database: string; versioned: number; repeatable: number }[] {
  const count = (files: unknown) => Object.keys(files ?? {}).length;
  return ofType(plan, TYPES.migrations)
    .filter(({ new: planned }) => planned)
    .map(({ new: planned }) => ({
      database: String(planned?.inputs.database),
      versioned: count(planned?.inputs.versioned),
      repeatable: count(planned?.inputs.repeatable),
    }))
    .sort((a, b) => a.database.localeCompare(b.database));
}

/** The migrations that would run, database by database; repeatable files come last. */
export function plannedMigrations(plan: Plan): PlannedMigrations[] {
  return ofType(plan, TYPES.migrations)
    .filter(isChange)
    .filter(({ new: planned }) => planned)
    .map(({ op, old, new: planned }) => {
      const pending = (key: "versioned" | "repeatable") => {
        const applied = (op === "create" ? {} : (old?.outputs[key] ?? {})) as Record<
          string,
          string
        >;
        return Object.entries((planned?.inputs[key] ?? {}) as Record<string, string>)
          .filter(([name, checksum]) => applied[name] !== checksum)
          .map(([name, checksum]) => ({ name, checksum }));
      };
      return {
        database: String(planned?.inputs.database),
        files: [...pending("versioned"), ...pending("repeatable")],
        isNew: op === "create",
      };
    })
    .sort((a, b) => a.database.localeCompare(b.database));
}
