/** The containers of the stack, and its network. A stack on servers that exist already has neither. */
import { compareDocker } from "../drift/docker";
import {
  type ContainerState,
  dockerAnswers,
  listContainers,
  listNetworks,
  type NetworkState,
} from "../machine/docker";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import { type Check, type Finding, judged, unknown, wrong } from "./finding";
import { type Platform, sentencesOf } from "./platform";

export function containerChecks({ resources }: Platform): Check[] {
  const own = resources.filter(({ type }) => type === TYPES.container || type === TYPES.network);
  if (own.length === 0) {
    return [];
  }
  return [
    {
      what: "Docker Engine",
      async ask() {
        const [answers, containers, networks] = await Promise.all([
          dockerAnswers(),
          listContainers(),
          listNetworks(),
        ]);
        return answers
          ? judgeContainers(own, { containers, networks })
          : own.map((resource) => unknown(nameOf(resource), "no Docker Engine answers"));
      },
    },
  ];
}

/** One line for each container and network of the stack. */
export function judgeContainers(
  own: readonly StackResource[],
  live: { containers: ContainerState[]; networks: NetworkState[] },
): Finding[] {
  const drift = compareDocker(own, live);
  return own.map((resource) => {
    const what = nameOf(resource);
    const sentences = sentencesOf(drift, resource).map((text) => text.replace(`${what}: `, ""));
    if (resource.type === TYPES.network) {
      return judged(what, sentences, "there");
    }
    const health = live.containers.find(({ id }) => id === resource.id)?.health ?? "missing";
    if (sentences.length > 0) {
      return wrong(what, [health, ...sentences].join(", "), "healthy");
    }
    return health === "starting"
      ? unknown(what, "starting")
      : judged(what, health === "healthy" ? [] : [health], "healthy");
  });
}

const nameOf = ({ type, inputs }: StackResource) =>
  `${type === TYPES.network ? "network" : "container"} ${String(inputs.name)}`;
