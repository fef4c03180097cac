/** What makes the platform's containers without the platform. */
import { findCompose } from "./compose";
import type { Recipe } from "./containers";
import { dockerCommand } from "./docker-command";

export interface Starter {
  /** Its name and version in the output. */
  title: string;
  /** Makes network, volumes and containers, and waits until all are healthy. */
  start(recipes: Recipe[]): Promise<void>;
  /** Removes what `start` made, with the data. */
  remove(recipes: Recipe[]): Promise<void>;
}

/** Docker Compose; where it cannot be built, the docker command, and the reason is printed. */
export async function findStarter(): Promise<Starter> {
  try {
    return await findCompose();
  } catch (error) {
    console.log(
      `The docker command takes the place of Docker Compose, which cannot be built: ${(error as Error).message}`,
    );
    return dockerCommand;
  }
}
