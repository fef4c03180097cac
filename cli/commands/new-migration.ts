import { FaultError } from "../fault";
import { writeMigration } from "../migrations/new-file";

try {
  writeMigration(process.argv.slice(2)).forEach((line) => console.log(line));
} catch (error) {
  console.error(error instanceof FaultError ? error.message : error);
  process.exitCode = 1;
}
