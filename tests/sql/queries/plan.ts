import type { ClientBase } from "pg";

import type { DocumentedQuery } from "./document";

/** One node of `explain (analyze, buffers, format json)`. Its row counts are averages over the loops. */
interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  "Rows Removed by Join Filter"?: number;
  Plans?: PlanNode[];
}

/** The cost of a query. */
export interface Cost {
  /** Rows of its answer. */
  returned: number;
  /** Rows read from tables, including those that were then thrown away. */
  read: number;
  removed: number;
  /** Blocks of 8 KiB that were accessed, in shared buffers or not. */
  blocks: number;
  milliseconds: number;
  /** Tables that were read by a sequential scan. */
  sequential: string[];
  /** Indexes that were read. A plan may contain others that this run did not need. */
  indexes: string[];
}

/** A plan for these values, or for any values. Servers keep the latter for prepared statements. */
export type PlanMode = "force_custom_plan" | "force_generic_plan";

/**
 * Runs a query with SQL expressions for its parameters, as a prepared statement like a service's.
 * The caller rolls back what it writes.
 */
export async function costOf(
  client: ClientBase,
  query: DocumentedQuery,
  values: string[],
  mode: PlanMode,
): Promise<Cost> {
  await client.query(`set plan_cache_mode = ${mode}`);
  await client.query(`prepare documented as ${query.sql}`);
  try {
    const call = values.length > 0 ? `documented(${values.join(", ")})` : "documented";
    return await explain(client, `execute ${call}`);
  } finally {
    await client.query("deallocate documented");
  }
}

/** Runs a statement and returns its cost. */
export async function explain(client: ClientBase, statement: string): Promise<Cost> {
  const { rows } = await client.query<{
    "QUERY PLAN": [{ Plan: PlanNode; "Execution Time": number }];
  }>(`explain (analyze, buffers, format json) ${statement}`);
  // Makes the server count the index scans when the transaction ends, not a second later.
  await client.query("select pg_stat_force_next_flush()");
  const [{ Plan: plan, "Execution Time": milliseconds }] = rows[0]["QUERY PLAN"];
  const nodes = flatten(plan);
  const scans = nodes.filter((node) => node["Node Type"].endsWith("Scan") && node["Relation Name"]);
  return {
    returned: plan["Actual Rows"],
    read: sum(scans, (node) => node["Actual Rows"] + removedBy(node)),
    removed: sum(nodes, removedBy),
    blocks: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
    milliseconds,
    sequential: scans
      .filter((node) => node["Node Type"] === "Seq Scan")
      .map((node) => node["Relation Name"] ?? ""),
    indexes: nodes
      .filter((node) => node["Actual Loops"] > 0)
      .flatMap((node) => node["Index Name"] ?? []),
  };
}

const flatten = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flatten)];

const removedBy = (node: PlanNode) =>
  (node["Rows Removed by Filter"] ?? 0) +
  (node["Rows Removed by Index Recheck"] ?? 0) +
  (node["Rows Removed by Join Filter"] ?? 0);

const sum = (nodes: PlanNode[], value: (node: PlanNode) => number) =>
  nodes.reduce((total, node) => total + value(node) * node["Actual Loops"], 0);
