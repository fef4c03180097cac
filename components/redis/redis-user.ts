import * as pulumi from "@pulumi/pulumi";

import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import type { RedisUserInputs } from "./redis-user-inputs";

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
