import { Argument, Command, Option } from "commander";

import type { ServiceConnections } from "../../contract/connections";
import type { AccessPoint, Outputs } from "../../contract/outputs";
import { type DatabaseUser, psqlProgram } from "../clients/psql";
import { withTrustedFile } from "../clients/trusted-file";
import { encryptsDatabase } from "../connections/encryption";
import { FaultError } from "../fault";
import { runInteractive } from "../machine/interactive";
import { ledgerTargets } from "../migrations/ledgers";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { outputsOf, readStack } from "../stack/outputs";
import type { StackResource } from "../stack/state";

const ROLES = ["readonly", "app", "migrator", "admin"] as const;
type Role = (typeof ROLES)[number];

interface PsqlOptions extends StackOptions {
  as: Role;
}

export const psql = new Command("psql")
  .description("open psql on a database of the stack")
  .argument("<database>", "the database, such as user_service_db")
  .addArgument(new Argument("[arguments...]", "arguments for psql itself, after a second --"))
  .addOption(stackOption())
  .addOption(offlineOption())
  .addOption(
    new Option("--as <role>", "the login: of the service, of migrations, or the administrator's")
      .choices(ROLES)
      .default("readonly"),
  )
  .addHelpText(
    "after",
    "\nThe exit code is that of psql. It runs in the server's container; for a server elsewhere, it must be on the PATH." +
      examples(
        "npm run psql -- user_service_db",
        'npm run -s psql -- payment_service_db --as app -- --csv -c "select count(*) from invoices"',
      ),
  )
  .action(openDatabase);

async function openDatabase(database: string, more: string[], options: PsqlOptions) {
  const resources = await readStack(options);
  const outputs = outputsOf(options.stack, resources);
  const connections = connectionsOf(database, outputs, options.stack);
  const user = loginOf(options.as, connections, outputs, resources);
  const { trustedCertificates } = connections;
  const isEncrypted = encryptsDatabase(connections.database);
  process.exitCode = await withTrustedFile(trustedCertificates, (trustedFile) =>
    runInteractive(psqlProgram(user, serverAt(user, outputs), more, { isEncrypted, trustedFile })),
  );
}

/** The server or replica to which a login connects. */
const serverAt = ({ host, port }: DatabaseUser, { accessPoints }: Outputs): Partial<AccessPoint> =>
  Object.values(accessPoints).find(({ address }) => address === `${host}:${port}`) ?? {};

/** @throws FaultError with the databases that the stack has */
export function connectionsOf(
  database: string,
  { services }: Pick<Outputs, "services">,
  stack: string,
): ServiceConnections {
  const all = Object.values(services);
  const found = all.find((connections) => connections.database.name === database);
  if (found === undefined) {
    const known = all.map((connections) => connections.database.name).join(", ");
    throw new FaultError([`Stack ${stack} has no database ${database}. It has: ${known}.`]);
  }
  return found;
}

function loginOf(
  role: Role,
  { database: app, databaseReadonly: readonly }: ServiceConnections,
  { administrators }: Outputs,
  resources: readonly StackResource[],
): DatabaseUser {
  const database = app.name;
  if (role === "app" || role === "readonly") {
    return { ...{ app, readonly }[role], database };
  }
  const target = ledgerTargets(resources).find(({ inputs }) => inputs.database === database);
  if (target === undefined) {
    throw new FaultError([
      `The migrations of ${database} are not in the state yet. Run npm run up.`,
    ]);
  }
  const { host, port, username, password } = target.inputs;
  return role === "migrator"
    ? { host, port, database, username, password }
    : { host, port, database, ...administrators.postgres };
}
