/** The archive of PostgreSQL's WAL: where it is, and who may write to it. */
import { type Settings, UNKNOWN_SECRET } from "./config-schema";

/** The archive with its credentials. */
export type WalArchive = NonNullable<Settings["walArchive"]> & {
  accessKeyId: string;
  /** Secret; UNKNOWN_SECRET where it is encrypted and the engine did not decrypt it. */
  secretAccessKey: string;
};

/** Variables of the environment that may hold the credentials. They differ from those of a state on S3 on purpose. */
export const ARCHIVE_VARIABLES = {
  accessKeyId: "LEARNING_PLATFORM_WAL_ARCHIVE_ACCESS_KEY_ID",
  secretAccessKey: "LEARNING_PLATFORM_WAL_ARCHIVE_SECRET_ACCESS_KEY",
} as const;

interface Sources {
  isSecret: (key: string) => boolean;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Completes the archive with credentials from the environment, and lists all that is wrong. */
export function readWalArchive(
  settings: Partial<Settings>,
  { isSecret, environment }: Sources,
): { archive?: WalArchive; problems: { key: string; reason: string }[] } {
  const { walArchive: written } = settings;
  if (written === undefined) {
    return { problems: [] };
  }
  const problems: { key: string; reason: string }[] = [];
  const note = (key: string, reason: string) => void problems.push({ key, reason });
  const accessKeyId = written.accessKeyId ?? environment[ARCHIVE_VARIABLES.accessKeyId];
  const secretAccessKey = written.secretAccessKey ?? environment[ARCHIVE_VARIABLES.secretAccessKey];
  if (accessKeyId === undefined) {
    note(
      "walArchive.accessKeyId",
      `is missing. Set it or the variable ${ARCHIVE_VARIABLES.accessKeyId}`,
    );
  }
  if (secretAccessKey === undefined) {
    note(
      "walArchive.secretAccessKey",
      `is missing. Set the variable ${ARCHIVE_VARIABLES.secretAccessKey}, or store it encrypted: docs/point-in-time.md`,
    );
  }
  const isInClear = ![undefined, UNKNOWN_SECRET].includes(written.secretAccessKey);
  if (isInClear && !isSecret("walArchive")) {
    note(
      "walArchive.secretAccessKey",
      "must be encrypted: pulumi config set --secret --path stores it so (docs/point-in-time.md)",
    );
  }
  if (settings.postgresServer !== undefined) {
    note(
      "walArchive",
      "has no effect on postgresServer: a server that exists is recovered by whoever runs it (docs/point-in-time.md)",
    );
  }
  if (settings.fsync === false) {
    note(
      "fsync",
      "must be true with walArchive: a crash would damage what the archive goes on from",
    );
  }
  return problems.length > 0 || accessKeyId === undefined || secretAccessKey === undefined
    ? { problems }
    : { archive: { ...written, accessKeyId, secretAccessKey }, problems };
}
