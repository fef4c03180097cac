import { migrate, MigrationFiles, MigrationTarget } from "../../../migrator";

type Job = { target: MigrationTarget; files: MigrationFiles };

let job: Job | undefined;
process.on("message", (message: Job | "begin") => {
  if (message !== "begin") {
    job = message;
    process.send?.("ready");
  } else if (job !== undefined) {
    void migrate(job.target, job.files).finally(() => process.disconnect());
  }
});
