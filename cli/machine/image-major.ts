import { majorOfImageName } from "../../catalog/postgres-majors";
import { dockerObjects } from "./docker-command";

/**
 * Major version of PostgreSQL in an image that is here. Official images, and most that are built from them, state it in
 * PG_MAJOR (docker-library/postgres 6edb0a8, Dockerfile-alpine.template).
 */
export async function majorOfImage(name: string): Promise<number | undefined> {
  const [found] = await dockerObjects<{ Config: { Env: string[] | null } }>([
    ...["image", "inspect", name],
  ]);
  const stated = (found?.Config.Env ?? []).find((text) => text.startsWith("PG_MAJOR="));
  return stated === undefined ? majorOfImageName(name) : Number(stated.slice("PG_MAJOR=".length));
}
