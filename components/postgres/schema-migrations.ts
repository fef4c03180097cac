import * as pulumi from "@pulumi/pulumi";

import { MigrationFilesError } from "../../migrator/errors";
import { type MigrationFile, type MigrationFiles, readMigrations } from "../../migrator/files";
import { DynamicResource } from "../platform/dynamic-resource";
import type { MigrationOptions, SchemaMigrationsInputs } from "./migration-inputs";

export interface SchemaMigrationsArgs extends MigrationOptions {
  host: string;
  port: number;
  database: string;
  username: string;
  password: pulumi.Input<string>;
  /** PEM of the authorities to trust; undefined if the connection is not encrypted. */
  trusted?: pulumi.Input<string>;
  /** Role as which the files run. */
  owner: string;
  /** Extensions that the program creates, so that they do not count as changed by hand. */
  extensions?: readonly string[];
  /** Directory of the files, from the root of the program. */
  directory: string;
}

/**
 * The migrations of one database. The inputs name each file with its SHA-256, so that a preview shows which files will
 * run. Deleting the resource drops nothing.
 * @throws pulumi.RunError while the program loads, if the files themselves are invalid
 */
export class SchemaMigrations extends DynamicResource {
  /** SHA-256 by name of each applied file, in the order of their numbers. */
  declare public readonly versioned: pulumi.Output<Record<string, string>>;
  /** SHA-256 by name of each file of functions, triggers and comments that was last applied. */
  declare public readonly repeatable: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: SchemaMigrationsArgs, opts?: pulumi.CustomResourceOptions) {
    const files = readFiles(args.directory);
    const { extensions = [], ...rest } = args;
    const inputs: { [K in keyof SchemaMigrationsInputs]: pulumi.Input<SchemaMigrationsInputs[K]> } =
      {
        ...rest,
        ...(extensions.length > 0 ? { extensions: [...extensions] } : {}),
        password: pulumi.secret(args.password),
        versioned: hashes(files.versioned),
        repeatable: hashes(files.repeatable),
      };
    super("schema-migrations", "database:SchemaMigrations", name, inputs, {
      ...opts,
      additionalSecretOutputs: ["password"],
    });
  }
}

function readFiles(directory: string): MigrationFiles {
  try {
    return readMigrations(directory);
  } catch (error) {
    // Without a stack trace: this is no bug of the program.
    throw error instanceof MigrationFilesError ? new pulumi.RunError(error.message) : error;
  }
}

const hashes = (files: MigrationFile[]) =>
  Object.fromEntries(files.map(({ name, checksum }) => [name, checksum]));
