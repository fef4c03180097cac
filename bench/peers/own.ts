/** This project's migrator as a command: `own.ts COMMAND HOST PORT USER PASSWORD DATABASE FOLDER`. */
import { inspect, migrate, readMigrations } from "../../migrator";

async function main([command, host, port, user, password, database, folder]: string[]) {
  const target = { host, port: Number(port), user, password, database, owner: user };
  const files = readMigrations(folder);
  if (command === "apply") {
    await migrate(target, files);
  } else {
    const { state } = await inspect(target, files);
    console.log(state);
  }
}

void main(process.argv.slice(2));
