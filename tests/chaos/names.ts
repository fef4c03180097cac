import { LABELS } from "../../catalog/labels";
import { PROJECT } from "../../cli/stack/local-state";

/** Start of the names of a stack's containers and volumes. */
export const containerPrefix = (stack: string): string => `${PROJECT}-${stack}`;

/** The stack's labels, so that people and a sweep find what the run has left. */
export const labelArgs = (stack: string): string[] => [
  ...["--label", `${LABELS.project}=${PROJECT}`],
  ...["--label", `${LABELS.stack}=${stack}`],
];
