import * as pulumi from "@pulumi/pulumi";

import { sharedName } from "../../catalog/names";
import { createPassword } from "../platform/password";
import { accessString } from "./redis-access";
import { serviceRules } from "./redis-config";
import type { RedisServer } from "./redis-server";
import { RedisUser, userPlace } from "./redis-user";

export interface RedisAccountsArgs {
  server: RedisServer;
  /** Services that log in to the server; each gets a user of its name, unless users are given. */
  services: readonly string[];
  /** Start of the names of users and keys (catalog/names.ts). @default "" */
  prefix?: string;
  /**
   * Whether a service's keys are deleted with its user. Only keys that begin with the prefix are, and only on a server
   * that outlives the stack. @default false
   */
  deletesKeys?: boolean;
  /** Component that had the users before there was this one: states know them as its children. */
  formerParent?: pulumi.Resource;
}

/** How a service logs in to a Redis server, and which keys it may use. */
export interface RedisAccount {
  readonly username: string;
  /** Secret. */
  readonly password: pulumi.Output<string>;
  readonly keyPrefix: string;
}

/** The services' users on one Redis server, each confined to keys and channels that begin with its name. */
export class RedisAccounts extends pulumi.ComponentResource {
  /** How each service logs in. */
  public readonly users: Readonly<Record<string, RedisAccount>>;
  /** The rights that users must have which somebody else makes, by service (redis-access.ts). */
  public readonly accessStrings: Readonly<Record<string, string>>;

  constructor(name: string, args: RedisAccountsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redis:RedisAccounts", name, {}, opts);
    const { server, formerParent } = args;
    const child = {
      parent: this,
      ...(formerParent === undefined ? {} : { aliases: [{ parent: formerParent }] }),
    };

    this.users = Object.fromEntries(args.services.map((service) => [service, accountOf(service)]));
    this.accessStrings = Object.fromEntries(
      args.services
        .filter((service) => server.users?.[service])
        .map((service) => [service, accessString(sharedName(args.prefix ?? "", service))]),
    );
    this.registerOutputs({ users: this.users });

    function accountOf(service: string): RedisAccount {
      const keyPrefix = `${sharedName(args.prefix ?? "", service)}:`;
      const given = server.users?.[service];
      return given ? { ...given, keyPrefix } : { ...createAccount(service, keyPrefix), keyPrefix };
    }

    function createAccount(service: string, keyPrefix: string) {
      const place = userPlace(name, server);
      const username = sharedName(args.prefix ?? "", service);
      const password = createPassword(`${name}-${service}`, child);
      const deletesKeys =
        args.deletesKeys === true && args.prefix !== undefined && args.prefix !== "";
      new RedisUser(
        `${name}-${service}`,
        {
          ...place,
          username,
          password,
          rules: serviceRules(username),
          ...(deletesKeys && server.lifetime === undefined ? { ownKeys: keyPrefix } : {}),
        },
        { ...child, dependsOn: server.ready, deletedWith: server.lifetime },
      );
      return { username, password };
    }
  }
}
