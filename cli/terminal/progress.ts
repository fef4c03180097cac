import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";

import { plainText } from "../engine/messages";
import type { Change } from "../plan/plan";
import { logicalName, TYPES } from "../resource-types";

/** Types with many resources that take an instant each: they share one line. */
const GROUPS: Record<string, string> = {
  [TYPES.topic]: "topics",
  [TYPES.rights]: "broker rights",
  [TYPES.brokerUser]: "broker users",
  [TYPES.role]: "database roles",
  [TYPES.grant]: "grants",
  [TYPES.defaultPrivileges]: "default privileges",
  [TYPES.redisUser]: "Redis users",
};

const DONE: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  "create-replacement": "recreated",
  "delete-replaced": "deleted for its replacement",
  replace: "replaced",
};

/** Prints the progress of an update: one line per important resource, with the seconds since the start. */
export class Progress {
  public readonly errors: string[] = [];
  /** Names of containers whose creation or update failed. */
  public readonly failedContainers: string[] = [];
  private readonly start = Date.now();
  private readonly started = new Map<string, number>();
  private readonly open = new Map<string, number>();

  /** @param changes everything that is going to happen, so that the last resource of a group is known */
  constructor(
    changes: Change[],
    private readonly print: (line: string) => void,
  ) {
    for (const change of changes) {
      const group = groupOf(change);
      this.open.set(group, (this.open.get(group) ?? 0) + 1);
    }
  }

  public readonly onEvent = (event: EngineEvent): void => {
    if (event.resourcePreEvent) {
      this.started.set(event.resourcePreEvent.metadata.urn, Date.now());
    } else if (event.resOutputsEvent) {
      this.finished(event.resOutputsEvent.metadata);
    } else if (event.resOpFailedEvent) {
      this.failed(event.resOpFailedEvent.metadata);
    } else if (event.diagnosticEvent?.severity === "error") {
      this.errors.push(plainText(event.diagnosticEvent.message));
    } else if (event.diagnosticEvent && isOwnNote(event.diagnosticEvent.message)) {
      this.line(" ", plainText(event.diagnosticEvent.message));
    }
  };

  private finished(step: StepEventMetadata): void {
    const done = DONE[step.op];
    if (done === undefined) {
      return;
    }
    const group = groupOf(step);
    const left = (this.open.get(group) ?? 1) - 1;
    this.open.set(group, left);
    if (step.type in GROUPS) {
      if (left === 0) {
        this.line(markOf(step.op), `${GROUPS[step.type]} ${done}`);
      }
      return;
    }
    const title = titleOf(step);
    if (title) {
      const seconds = (Date.now() - (this.started.get(step.urn) ?? Date.now())) / 1000;
      const isUp = step.type === TYPES.container && step.op.startsWith("create");
      this.line(markOf(step.op), `${title} ${isUp ? "healthy" : done} (${seconds.toFixed(1)} s)`);
    }
  }

  private failed(step: StepEventMetadata): void {
    this.line("!", `${titleOf(step) ?? `${step.type} ${logicalName(step.urn)}`} failed`);
    const name = step.new?.inputs.name;
    if (step.type === TYPES.container && typeof name === "string") {
      this.failedContainers.push(name);
    }
  }

  private line(mark: string, text: string): void {
    const seconds = ((Date.now() - this.start) / 1000).toFixed(1).padStart(6);
    this.print(`${seconds} s ${mark} ${text}`);
  }
}

const groupOf = ({ type, op }: Change) => `${type} ${op}`;

const markOf = (op: string) => (op.includes("delete") ? "-" : op.includes("create") ? "+" : "~");

/** The resource as people call it; undefined where it gets no line. */
function titleOf({ type, old, new: now }: StepEventMetadata): string | undefined {
  const inputs = now?.inputs ?? old?.inputs ?? {};
  const titles: Record<string, string> = {
    [TYPES.container]: `container ${inputs.name}`,
    [TYPES.network]: `network ${inputs.name}`,
    [TYPES.volume]: `volume ${inputs.name}`,
    [TYPES.database]: `database ${inputs.name}`,
    [TYPES.migrations]: `migrations of ${inputs.database}`,
  };
  return titles[type];
}

/** Lines that our own plugin code prints for people begin with this. */
export const NOTE_MARK = "sql/";
const isOwnNote = (message: string) => plainText(message).startsWith(NOTE_MARK);
