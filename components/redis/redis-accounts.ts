import * as pulumi from "@pulumi/pulumi";

import { sharedName } from "../../catalog/names";
import { createPassword } from "../platform/password";
import { serviceRules } from "./redis-config";
import type { RedisServer } from "./redis-server";
import { RedisUser } from "./redis-user";

export interface RedisAccountsArgs {
  server: RedisServer;
  /** Services that log in to the server; each gets a user of its name, unless users are given. */
  services: readonly string[];
  /** Start of the names of users and keys (catalog/names.ts). @default "" */
  prefix?: string;
  /** Whether the keys go with their user, where the server outlives the stack. @default false */
  deleteKeys?: boolean;
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

  constructor(name: string, args: RedisAccountsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redis:RedisAccounts", name, {}, opts);
    const { server, formerParent } = args;
    const child = {
      parent: this,
      ...(formerParent === undefined ? {} : { aliases: [{ parent: formerParent }] }),
    };

    this.users = Object.fromEntries(args.services.map((service) => [service, accountOf(service)]));
    this.registerOutputs({ users: this.users });

    function accountOf(service: string): RedisAccount {
      const keyPrefix = `${sharedName(args.prefix ?? "", service)}:`;
      const given = server.users?.[service];
      return given ? { ...given, keyPrefix } : { ...createAccount(service), keyPrefix };
    }

    function createAccount(service: string) {
      const { administrator } = server;
      if (administrator === undefined) {
        throw new Error(`${name}: a server without given users needs an administrator`);
      }
      const username = sharedName(args.prefix ?? "", service);
      const password = createPassword(`${name}-${service}`, child);
      const [, ...replicas] = server.nodes;
      new RedisUser(
        `${name}-${service}`,
        {
          host: server.host,
          port: server.port,
          ...(replicas.length > 0 ? { replicas: [...replicas] } : {}),
          adminUsername: administrator.username,
          adminPassword: administrator.password,
          trusted: server.trusted,
          username,
          password,
          rules: serviceRules(username),
          ...(args.deleteKeys && server.lifetime === undefined ? { deleteKeys: true } : {}),
        },
        { ...child, dependsOn: server.ready, deletedWith: server.lifetime },
      );
      return { username, password };
    }
  }
}
