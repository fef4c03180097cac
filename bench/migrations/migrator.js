// migrator.js apply|status FOLDER DATABASE: the migrator as a process of its own, compiled as the cli is.
"use strict";

const { compile } = require("../../runtime/compile");
const { inspect, migrate, readMigrations } = require(compile("migrator/index.ts"));

async function main([command, folder, database]) {
  const { PGHOST: host, PGPORT: port, PGUSER: user, PGPASSWORD: password } = process.env;
  const target = { host, port: Number(port), database, user, password, owner: user };
  const files = readMigrations(folder);
  if (command === "apply") {
    await migrate(target, files);
  } else {
    const { pending } = await inspect(target, files);
    process.stdout.write(`${pending.length} pending\n`);
  }
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
