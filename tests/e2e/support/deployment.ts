/** The workflow deploy on this machine, with the stacks that it updates. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

import type { Result } from "../../../cli/machine/run";
import type { Report } from "../../../cli/report/facts";
import { Act, commitAll, printedBy, succeeded } from "./act";
import { Checkout } from "./checkout";
import { kafkaAs } from "./clients";
import { readOutputs } from "./hooks";

const STACKS = ["staging", "prod"];
const MAIN = { full_name: "team/platform", default_branch: "main" };
/** Not that of a stack which this machine may have under the same name. */
const prefix = (stack: string) => `learning-platform-e2e-${stack}`;

export class Deployment {
  private readonly checkout = new Checkout();
  private readonly act: Act;

  /** @param binary act itself */
  constructor(binary: string) {
    const settings = readFileSync(this.checkout.path("Pulumi.pr.yaml"), "utf8");
    for (const stack of STACKS) {
      const own = `  learning-platform:namePrefix: ${prefix(stack)}\n`;
      writeFileSync(this.checkout.path(`Pulumi.${stack}.yaml`), settings + own);
    }
    this.act = new Act(binary, this.checkout.root, {});
  }

  /** Makes `npm run up` of staging do nothing but say so: it takes as long as that of prod, and does the same. */
  public skipStaging(): void {
    const file = this.checkout.path("package.json");
    const { scripts, ...rest } = JSON.parse(readFileSync(file, "utf8")) as {
      scripts: Record<string, string>;
    };
    const script = `case "$*" in *staging*) echo "Staging is left out";; *) exec ${scripts.up} "$@";; esac`;
    writeFileSync(this.checkout.path("up.sh"), script);
    writeFileSync(file, JSON.stringify({ ...rest, scripts: { ...scripts, up: "bash up.sh" } }));
  }

  /**
   * Deploys what the checkout has, as a new commit of main.
   * @param whilePlanWaits a shell script that runs between the plan of prod and its update
   */
  public async run(whilePlanWaits?: string): Promise<Result> {
    this.act.dropArtefacts();
    const after = await commitAll(this.checkout.root);
    const event = { ref: "refs/heads/main", after, repository: MAIN };
    const before =
      whilePlanWaits === undefined ? undefined : { job: "prod", script: whilePlanWaits };
    return this.act.run("deploy", "push", event, { before });
  }

  /** What the reviewers of prod get. */
  public plan(): { facts: Report; markdown: string } {
    const files = this.act.artefact("plan");
    assert.deepStrictEqual(Object.keys(files).sort(), ["plan.json", "report.md"]);
    return { facts: JSON.parse(files["plan.json"]) as Report, markdown: files["report.md"] };
  }

  /** Adds a topic to a stack's settings. */
  public addTopic(stack: string, name: string): void {
    const file = this.checkout.path(`Pulumi.${stack}.yaml`);
    const topics = JSON.stringify([{ name, partitions: 1 }]);
    writeFileSync(
      file,
      `${readFileSync(file, "utf8")}  learning-platform:extraTopics: ${topics}\n`,
    );
  }

  /** A shell script that changes prod's database of payments, as an administrator may. */
  public async sqlOnProd(sql: string): Promise<string> {
    const { administrators } = await readOutputs(this.checkout, "prod");
    const { username, password } = administrators.postgres;
    const exec = `docker exec -e PGPASSWORD=${password} ${prefix("prod")}-postgres`;
    return `${exec} psql -h localhost -U ${username} -d payment_service_db -c '${sql}'`;
  }

  public async topicsOfProd(): Promise<string[]> {
    const { accessPoints, administrators } = await readOutputs(this.checkout, "prod");
    const admin = kafkaAs(accessPoints.kafka.address, administrators.kafka).admin();
    await admin.connect();
    try {
      return await admin.listTopics();
    } finally {
      await admin.disconnect();
    }
  }

  public async cleanUp(): Promise<void> {
    this.act.remove();
    await this.checkout.cleanUp(...STACKS);
  }
}

/**
 * Deploys prod for the first time.
 * @param staging what the update of staging prints
 */
export async function createsProd(deployment: Deployment, staging: RegExp): Promise<void> {
  const result = succeeded(await deployment.run());
  assert.match(printedBy("staging", result), staging);
  const prod = /^Plan for stack prod: (\d+) to create/m.exec(printedBy("prod", result));
  assert.ok(prod);
  const { facts, markdown } = deployment.plan();
  const { verdict, stack, counts } = facts;
  assert.deepStrictEqual([verdict, stack, counts], ["new", "prod", { create: Number(prod[1]) }]);
  assert.match(markdown, /^\*\*New stack\*\* · stack `prod` · commit/);
  assert.ok((await deployment.topicsOfProd()).includes("user-events"));
}

/** Deploys a topic for prod, whose database somebody changes while the plan waits. */
export async function refusesChangedProd(deployment: Deployment): Promise<void> {
  deployment.addTopic("prod", "added");
  const byHand = await deployment.sqlOnProd("create index by_hand_idx on invoices (id)");
  const result = await deployment.run(byHand);
  assert.strictEqual(result.code, 1);
  const { verdict, topics } = deployment.plan().facts;
  assert.deepStrictEqual([verdict, topics.map(({ name }) => name)], ["change", ["added"]]);
  assert.match(
    printedBy("prod", result),
    /^- The plan is no longer the one that was approved: .*byHand.* differ\. Look at a new preview/m,
  );
  assert.ok(!(await deployment.topicsOfProd()).includes("added"));
}
