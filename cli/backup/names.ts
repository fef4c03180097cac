/** Names of backups: `<stack>/<UTC time>/<file>` below the place. */

/** `20261127T115300Z`: in the order of time, and a name on every file system. */
export const timeName = (at: Date): string =>
  at.toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");

const TIME_NAME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Undefined where a name is none of a backup. */
export function timeOf(name: string): Date | undefined {
  const parts = TIME_NAME.exec(name);
  if (parts === null) {
    return undefined;
  }
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second));
}
