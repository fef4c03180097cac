import { migrate, MigrationFiles, MigrationTarget } from "../../../migrator";

type Job = { target: MigrationTarget; files: MigrationFiles };

let job: Job | undefined;
process.on("message", (message: Job | "begin") => {
  if (message !== "begin") {
    job = message;
    process.send?.("ready");
  } else if (job !== undefined) {
    let told = false;
    void migrate(job.target, job.files, {
      onProgress: ({ kind }) => {
        if (kind === "started" && !told) {
          told = process.send?.("at work") ?? true;
        }
      },
    }).finally(() => process.disconnect());
  }
});
