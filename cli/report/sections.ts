/** The parts of a report in the order in which a reviewer needs them. */
import { dataAfter } from "../plan/lines";
import { DATA } from "../preflight/data-loss";
import { block, code, prose } from "./escape";
import type { Report } from "./facts";
import type { Section } from "./limit";

/** @returns those that have something to say */
export function sectionsOf(report: Report): Section[] {
  const isNew = report.verdict === "new";
  return [
    reasons(report),
    table(
      "Forbidden by the policy",
      ["finding"],
      report.policy.map((text) => [prose(text)]),
    ),
    lostAndReplaced(report),
    migrations(report),
    lint(report),
    rights(report, isNew),
    topics(report, isNew),
    schemas(report, isNew),
    byHand(report),
    table(
      "Not compared",
      ["what", "why"],
      report.notCompared.map(({ what, why }) => [prose(what), prose(why)]),
    ),
    table(
      "Warnings",
      ["warning"],
      report.warnings.map((text) => [prose(text)]),
    ),
    ledgers(report),
    everything(report),
  ].filter(({ rows }) => rows.length > 0);
}

/** @param isFolded whether the rows are hidden behind the title, which then says how many there are */
function table(title: string, head: string[], rows: string[][], isFolded = false): Section {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const heading = isFolded
    ? `<details><summary>${title} (${rows.length})</summary>`
    : `#### ${title}`;
  return {
    open: `${heading}\n\n${line(head)}\n${line(head.map(() => "---"))}`,
    rows: rows.map(line),
    close: isFolded ? "\n\n</details>" : "",
  };
}

function reasons({ verdict, reasons, policy }: Report): Section {
  const said = reasons.length === 0 && policy.length > 0 ? ["The policy forbids it."] : reasons;
  const { open, lines, close } = block(said.join("\n"));
  const title = verdict === "failed" ? "The preview failed" : "`up` refuses to run";
  const rows = said.length > 0 ? lines : [];
  return { open: `#### ${title}\n\n${open}`, rows, close: `\n${close}` };
}

function lostAndReplaced({ losses, outages }: Report): Section {
  const lost = losses.map(({ kind, name, action, partitions, allowed }) => [
    kind,
    code(name),
    (action === "delete"
      ? `deleted with its ${DATA[kind]}`
      : `recreated without its ${DATA[kind]}`) +
      (partitions ? `: ${partitions[0]} partitions become ${partitions[1]}` : "") +
      (allowed ? " (allowed by name)" : ""),
  ]);
  const down = outages.map(({ service, container, action, ...volumes }) => [
    "container",
    code(container),
    action === "delete"
      ? `deleted: ${prose(service)} is gone`
      : `replaced: **${prose(service)} is down** until the new one is healthy; ` +
        dataAfter(volumes, (names) => names.map(code).join(", ")),
  ]);
  return table("Lost or replaced", ["what", "name", "what happens"], [...lost, ...down]);
}

const migrations = ({ migrations }: Report): Section =>
  table(
    "Migrations to run",
    ["database", "file", "sha256"],
    migrations.map(({ database, isNew, file, sha256 }) => [
      `${code(database)}${isNew ? " (new)" : ""}`,
      code(file),
      code(sha256.slice(0, 12)),
    ]),
  );

function lint({ lint: { findings, waivers } }: Report): Section {
  return table(
    "Lint of these migrations",
    ["where", "rule", "finding"],
    [
      ...findings.map(({ file, line, column, rule, message }) => [
        code(`${file}:${line}:${column}`),
        code(rule),
        prose(message),
      ]),
      ...waivers.map(({ file, line, rule, reason }) => [
        code(line === undefined ? file : `${file}:${line}`),
        code(rule),
        `waived: ${prose(reason)}`,
      ]),
    ],
  );
}

const rights = ({ rights }: Report, isFolded: boolean): Section =>
  table(
    "Rights",
    ["who", "change", "right", "where"],
    rights.map(({ user, change, verb, object, system }) => [
      code(user),
      change === "gained" ? "may now" : "**may no longer**",
      `${prose(verb)}${object === "" ? "" : ` ${code(object)}`}`,
      prose(system),
    ]),
    isFolded,
  );

const TOPIC_ACTIONS: Readonly<Record<string, string>> = {
  create: "new",
  update: "changed",
  replace: "recreated without its records",
  delete: "deleted with its records",
};

const topics = ({ topics }: Report, isFolded: boolean): Section =>
  table(
    "Topics",
    ["topic", "change", "settings"],
    topics.map(({ name, action, settings }) => [
      code(name),
      TOPIC_ACTIONS[action] ?? prose(action),
      prose(settings.join(", ")),
    ]),
    isFolded,
  );

const SCHEMA_ACTIONS: Readonly<Record<string, string>> = {
  register: "registered",
  delete: "deleted",
  keep: "no longer in the program; the registry keeps it for stored events",
};

const schemas = ({ schemas }: Report, isFolded: boolean): Section =>
  table(
    "Event schemas",
    ["topic", "event", "version", "change"],
    schemas.map(({ topic, type, version, action }) => [
      code(topic),
      code(type),
      version === undefined ? "all" : String(version),
      prose(SCHEMA_ACTIONS[action]),
    ]),
    isFolded,
  );

const byHand = ({ byHand }: Report): Section =>
  table(
    "Changed by hand",
    ["where", "what"],
    byHand.map(({ database, sentence }) => [
      database === undefined ? "" : code(database),
      prose(sentence),
    ]),
  );

const ledgers = ({ ledgers }: Report): Section =>
  table(
    "Ledgers",
    ["ledger of", "state", "applied", "pending", "changed", "missing", "again", "by hand"],
    ledgers.map(({ database, ...counts }) => [code(database), ...Object.values(counts).map(prose)]),
    true,
  );

const everything = ({ resources }: Report): Section =>
  table(
    "All changed resources",
    ["change", "kind", "name"],
    resources.map(({ op, kind, name }) => [prose(op), prose(kind), code(name)]),
    true,
  );
