import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";

import { plainText } from "../engine/messages";
import type { Change } from "../plan/plan";
import { logicalName, TYPES } from "../resource-types";
import type { Display } from "./display";

/** Types with many resources that take an instant each: they share one line. */
const GROUPS: Record<string, string> = {
  [TYPES.topic]: "topics",
  [TYPES.rights]: "broker rights",
  [TYPES.brokerUser]: "broker users",
  [TYPES.role]: "database roles",
  [TYPES.grant]: "grants",
  [TYPES.databaseRights]: "database rights",
  [TYPES.redisUser]: "Redis users",
  [TYPES.schemas]: "event schemas",
};

const DONE: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  "create-replacement": "recreated",
  "delete-replaced": "deleted for its replacement",
  replace: "replaced",
};

/** How often the status of a live display changes. */
const STATUS_MS = 500;

/** Shows the progress of an update: one line per important resource, with the seconds since the start. */
export class Progress {
  public readonly errors: string[] = [];
  /** Names of containers whose creation or update failed. */
  public readonly failedContainers: string[] = [];
  private readonly start = Date.now();
  /** The resources that the engine works on, with the time at which it began. */
  private readonly running = new Map<string, { step: StepEventMetadata; since: number }>();
  private readonly total: number;
  private done = 0;
  private readonly timer = setInterval(() => this.showStatus(), STATUS_MS).unref();
  private readonly open = new Map<string, number>();

  /** @param changes everything that is going to happen, so that the last resource of a group is known */
  constructor(
    changes: Change[],
    private readonly display: Display,
  ) {
    this.total = changes.length;
    for (const change of changes) {
      const group = groupOf(change);
      this.open.set(group, (this.open.get(group) ?? 0) + 1);
    }
  }

  public readonly onEvent = (event: EngineEvent): void => {
    if (event.resourcePreEvent) {
      const step = event.resourcePreEvent.metadata;
      this.running.set(step.urn, { step, since: Date.now() });
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

  /** Ends the display; nothing may be printed through it afterwards. */
  public end(): void {
    clearInterval(this.timer);
    this.display.end();
  }

  private finished(step: StepEventMetadata): void {
    const since = this.running.get(step.urn)?.since ?? Date.now();
    this.running.delete(step.urn);
    const done = DONE[step.op];
    if (done === undefined) {
      return;
    }
    this.done += 1;
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
      const seconds = (Date.now() - since) / 1000;
      const isUp = step.type === TYPES.container && step.op.startsWith("create");
      this.line(markOf(step.op), `${title} ${isUp ? "healthy" : done} (${seconds.toFixed(1)} s)`);
    }
  }

  private failed(step: StepEventMetadata): void {
    this.running.delete(step.urn);
    this.line("!", `${titleOf(step) ?? `${step.type} ${logicalName(step.urn)}`} failed`);
    const name = step.new?.inputs.name;
    if (step.type === TYPES.container && typeof name === "string") {
      this.failedContainers.push(name);
    }
  }

  private line(mark: string, text: string): void {
    const seconds = ((Date.now() - this.start) / 1000).toFixed(1).padStart(6);
    this.display.line(`${seconds} s ${mark} ${text}`);
  }

  /** How far the update is, and the important resources that it works on, with the seconds that each has taken. */
  private showStatus(): void {
    const now = Date.now();
    const titles = [...this.running.values()].flatMap(({ step, since }) => {
      const title = step.op in DONE ? titleOf(step) : undefined;
      return title === undefined ? [] : [`${title} (${Math.round((now - since) / 1000)} s)`];
    });
    const working = titles.length > 0 ? `: ${titles.join(", ")}` : "";
    this.display.status(`${Math.min(this.done, this.total)} of ${this.total} changes${working}`);
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
