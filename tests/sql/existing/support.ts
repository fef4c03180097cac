/** What the program declares for a PostgreSQL server that exists, made there without the engine. */
import * as administratorSetup from "../../../components/postgres/administrator-setup.provider";
import type { AdministratorSetupInputs } from "../../../components/postgres/administrator-setup-inputs";
import * as databaseRights from "../../../components/postgres/database-rights.provider";
import type { DatabaseRightsInputs } from "../../../components/postgres/database-rights-inputs";
import type { SchemaMigrationsInputs } from "../../../components/postgres/migration-inputs";
import * as schemaMigrations from "../../../components/postgres/schema-migrations.provider";
import { UNKNOWN_SECRET } from "../../../config-servers";
import { type Recorded, TYPES } from "../../unit/support/mocks";
import { runProgram } from "../../unit/support/program";
import { type Plugin, plugin, type Values } from "../plugin/support";

export interface ServerLogin {
  host: string;
  port: number;
  username: string;
  password: string;
}

/** The resources that the program declares on PostgreSQL, for a stack with these settings. */
export async function declared(
  stack: string,
  { host, port, username, password }: ServerLogin,
  settings: Record<string, unknown> = {},
) {
  // The program asks no server whose password it does not know.
  const postgresServer = { host, port, username, password: UNKNOWN_SECRET, tls: false };
  const { recorded } = await runProgram(stack, { postgresServer, ...settings });
  return new Declared(recorded, { host, port, username, password });
}

/** Makes and removes the resources in the order that the engine would. */
export class Declared {
  private readonly plugin: Promise<Plugin>;

  constructor(
    private readonly recorded: Recorded,
    private readonly login: ServerLogin,
  ) {
    const { host, port, username, password } = login;
    const settings = { host, port: String(port), username, password };
    const { maxConnections } = recorded.only(TYPES.postgresqlProvider).inputs;
    this.plugin = plugin({
      ...{ ...settings, superuser: "false", maxConnections: String(maxConnections) },
    });
  }

  public inputs<T>(type: string): T[] {
    return this.recorded.all(type).map(({ inputs }) => this.known(inputs) as T);
  }

  /** With the password in place of the one that the program did not know. */
  private known(inputs: Record<string, unknown>) {
    return Object.fromEntries(
      Object.entries(inputs)
        .filter(([key, value]) => key !== "__provider" && value !== undefined)
        .map(([key, value]) => [key, value === UNKNOWN_SECRET ? this.login.password : value]),
    );
  }

  public async setUp(): Promise<{ open: string[] }> {
    const [inputs] = this.inputs<AdministratorSetupInputs>(TYPES.administratorSetup);
    const { outs } = await administratorSetup.create(inputs);
    return outs as { open: string[] };
  }

  public async makeRolesAndDatabases(): Promise<void> {
    const { role, database } = await this.plugin;
    const roles = this.inputs<Values>(TYPES.role);
    const owners = roles.filter(({ login }) => login !== true);
    for (const inputs of [...owners, ...roles.filter((each) => !owners.includes(each))]) {
      await role.create(inputs);
    }
    await Promise.all(this.inputs<Values>(TYPES.database).map((inputs) => database.create(inputs)));
  }

  public rights = () => this.inputs<DatabaseRightsInputs>(TYPES.databaseRights);
  public migrations = () => this.inputs<SchemaMigrationsInputs>(TYPES.migrations);

  public makeRights = () => Promise.all(this.rights().map((each) => databaseRights.create(each)));
  public migrate = () =>
    Promise.all(this.migrations().map((each) => schemaMigrations.create(each)));

  public async makeAll(): Promise<void> {
    await this.setUp();
    await this.makeRolesAndDatabases();
    await this.makeRights();
    await this.migrate();
  }

  /**
   * Without a volume that takes all with it, each goes on its own: of each service the database, then the roles that log
   * in, then the owner, while other services are at another of these steps.
   */
  public async removeAll(): Promise<void> {
    const { role, database } = await this.plugin;
    const roles = this.inputs<Values>(TYPES.role);
    const drop = (inputs: Values) => role.delete(String(inputs.name), inputs);
    await Promise.all(
      this.inputs<Values>(TYPES.database).map(async (inputs) => {
        const name = String(inputs.name);
        await database.delete(name, inputs);
        const own = roles.filter((each) => String(each.name).startsWith(name.replace(/db$/, "")));
        await Promise.all(own.filter(({ login }) => login === true).map(drop));
        await Promise.all(own.filter(({ login }) => login !== true).map(drop));
      }),
    );
  }
}

/**
 * Keeps what the providers print, which the engine shows to people, from the report of the tests.
 * @returns the lines that were printed during the running test
 */
export function capturedLines(): () => string[] {
  /* eslint-disable no-console */
  const { log } = console;
  let lines: string[] = [];
  beforeEach(() => {
    lines = [];
    console.log = (line: string) => void lines.push(line);
  });
  // The reporter prints after this.
  afterEach(() => void (console.log = log));
  return () => lines;
}
