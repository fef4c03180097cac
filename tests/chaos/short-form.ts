import type { ScheduleOptions } from "./schedule";

/** The form of the drill for each run of the suite: with this seed, each kind of fault happens in 45 s. */
export const SHORT_FORM: ScheduleOptions = {
  seed: 1_553,
  durationMs: 45_000,
  lastsMs: [1_000, 3_000],
  pausesMs: [1_000, 3_000],
};
