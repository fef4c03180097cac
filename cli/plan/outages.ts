import { type Plan, replacedContainers } from "./plan";

/** What people call what runs in a container, by the part of the program that makes it. */
const TITLES: Record<string, string> = {
  postgres: "PostgreSQL",
  redis: "Redis (cache)",
  "redis-session": "Redis (sessions)",
  redpanda: "Redpanda",
  "redpanda-console": "Redpanda Console",
};

/** A line for each container that an update replaces: who does not answer meanwhile, and what becomes of the data. */
export const outageLines = (plan: Plan): string[] =>
  replacedContainers(plan).map(({ service, name, volumes }) => {
    const data =
      volumes.length > 0
        ? `its data is kept in the volume ${volumes.join(", ")}`
        : "it keeps no data";
    return `Replaces the container ${name}: ${TITLES[service] ?? service} does not answer until the new one is healthy; ${data}.`;
  });
