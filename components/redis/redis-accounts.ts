import * as pulumi from "@pulumi/pulumi";

import { createPassword } from "../platform/password";
import { serviceRules } from "./redis-config";
import type { RedisServer } from "./redis-server";
import { RedisUser } from "./redis-user";

export interface RedisAccountsArgs {
  server: RedisServer;
  /** Services that log in to the server; each gets a user of its name. */
  services: readonly string[];
  /** Component that had the users before there was this one: states know them as its children. */
  formerParent?: pulumi.Resource;
}

/** The services' users on one Redis server, each confined to keys and channels that begin with its name. */
export class RedisAccounts extends pulumi.ComponentResource {
  /** Passwords by service; secret. */
  public readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: RedisAccountsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redis:RedisAccounts", name, {}, opts);
    const { server, formerParent } = args;
    const child = {
      parent: this,
      ...(formerParent === undefined ? {} : { aliases: [{ parent: formerParent }] }),
    };

    this.passwords = Object.fromEntries(
      args.services.map((service) => [service, createAccount(service)]),
    );
    this.registerOutputs({ passwords: this.passwords });

    function createAccount(service: string): pulumi.Output<string> {
      const password = createPassword(`${name}-${service}`, child);
      new RedisUser(
        `${name}-${service}`,
        {
          host: server.host,
          port: server.port,
          adminUsername: server.administrator.username,
          adminPassword: server.administrator.password,
          trusted: server.trusted,
          username: service,
          password,
          rules: serviceRules(service),
          // Stated only if it is not the case: states of servers with a file do not have it.
          ...(server.capabilities.aclFile ? {} : { aclFile: false }),
        },
        { ...child, dependsOn: server.ready, deletedWith: server.lifetime },
      );
      return password;
    }
  }
}
