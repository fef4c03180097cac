import { InvalidArgumentError } from "commander";

/** To what a recovery goes: a moment, or the end of the archive. */
export type Moment = Date | "latest";

/** A time without a zone would be a guess. */
const WITH_ZONE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)$/;

/** @throws InvalidArgumentError for anything but ISO 8601 with a zone, or `latest` */
export function parseMoment(text: string): Moment {
  if (text === "latest") {
    return text;
  }
  const time = new Date(text.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00"));
  if (!WITH_ZONE.test(text) || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError(
      "Expected a time with its zone, such as 2026-03-01T14:30:00Z or 2026-03-01T15:30:00+01:00, or latest.",
    );
  }
  return time;
}

export const showMoment = (moment: Moment): string =>
  moment === "latest" ? "the end of the archive" : moment.toISOString();
