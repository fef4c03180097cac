/** A stack whose work is done by scripts. */
import type { TopicDefinition } from "../../catalog/topics";
import type { Outputs } from "../../tests/e2e/support/clients";
import type { Recipe } from "./containers";

/** What is known of a stack that was up; its servers are made again with the same administrators and addresses. */
export interface Target {
  recipes: Recipe[];
  outputs: Outputs;
  topics: Readonly<Record<string, TopicDefinition>>;
}
