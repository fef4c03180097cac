/** Major versions of PostgreSQL: which ones a stack can run in a container, where each has its data, and how that is made. */
import { SERVERS, volumeEnd } from "./servers";

/** The first one is that of a new stack. SQL and roles are tested on all of them. */
export const POSTGRES_MAJORS = [16, 17, 18] as const;
export type PostgresMajor = (typeof POSTGRES_MAJORS)[number];

/** Role of the volume with the data of a major version, as catalog/servers.ts has roles. */
export const postgresVolumeRole = (major: PostgresMajor): string =>
  major === POSTGRES_MAJORS[0] ? SERVERS.postgres.role : `${SERVERS.postgres.role}-${major}`;

/** Name of the volume with the data of a major version. */
export const postgresVolume = (prefix: string, major: PostgresMajor): string =>
  `${prefix}${volumeEnd(postgresVolumeRole(major))}`;

/** Major version of the data on a volume; undefined where it is no volume of the server. */
export const majorOfVolume = (volume: string): PostgresMajor | undefined =>
  // The longest end first: that of the first version has no number.
  POSTGRES_MAJORS.toReversed().find((major) =>
    volume.endsWith(volumeEnd(postgresVolumeRole(major))),
  );

/**
 * Major version that the name of an image states, as official images do: `postgres:17.2-alpine`.
 * @returns undefined where it states none, such as `postgres@sha256:...` or `my/database:3`
 */
export function majorOfImageName(image: string): number | undefined {
  const [, major] = /(?:^|\/)postgres(?:ql)?:(\d+)(?![\d])/.exec(image) ?? [];
  return major === undefined ? undefined : Number(major);
}

/** How a server's first start makes its data. By default the image lets everybody inside the container log in without a password. */
export const initdbArguments = (fsync: boolean): string =>
  "--encoding=UTF8 --auth-local=scram-sha-256 --auth-host=scram-sha-256" +
  (fsync ? "" : " --no-sync");
