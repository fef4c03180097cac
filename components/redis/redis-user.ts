import * as pulumi from "@pulumi/pulumi";

import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import type { RedisServer } from "./redis-server";
import type { RedisUserInputs } from "./redis-user-inputs";

type UserPlace = Pick<
  Inputs<RedisUserInputs>,
  "host" | "port" | "replicas" | "adminUsername" | "adminPassword" | "trusted"
>;

/**
 * Where a user of a server is made: on each of its nodes.
 * @param name of what makes it, for the error
 * @throws Error if nobody could make it
 */
export function userPlace(name: string, server: RedisServer): UserPlace {
  const { administrator, host, port, trusted } = server;
  if (administrator === undefined) {
    throw new Error(`${name}: a server without given users needs an administrator`);
  }
  const [, ...replicas] = server.nodes.map((node) => ({ host: node.host, port: node.port }));
  return {
    ...{ host, port },
    ...(replicas.length > 0 ? { replicas } : {}),
    adminUsername: administrator.username,
    adminPassword: administrator.password,
    trusted,
  };
}

/**
 * A user of a Redis server, created and changed by ACL SETUSER and persisted by ACL SAVE.
 * Its password is always secret.
 */
export class RedisUser extends DynamicResource {
  constructor(name: string, args: Inputs<RedisUserInputs>, opts?: pulumi.CustomResourceOptions) {
    super(
      "redis-user",
      "redis:User",
      name,
      {
        ...args,
        password: pulumi.secret(args.password),
        adminPassword: pulumi.secret(args.adminPassword),
      },
      { ...opts, additionalSecretOutputs: ["password", "adminPassword"] },
    );
  }
}
