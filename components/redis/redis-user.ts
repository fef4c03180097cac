import * as pulumi from "@pulumi/pulumi";

import { dynamicProvider, type Inputs } from "../platform/dynamic-provider";
import type { RedisUserInputs } from "./redis-user-inputs";

const provider = dynamicProvider("components/providers/redis-user.ts");

/**
 * A user of a Redis server, created and changed by ACL SETUSER and persisted by ACL SAVE.
 * Its password is always secret.
 */
export class RedisUser extends pulumi.dynamic.Resource {
  constructor(name: string, args: Inputs<RedisUserInputs>, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      {
        ...args,
        password: pulumi.secret(args.password),
        adminPassword: pulumi.secret(args.adminPassword),
      },
      { ...opts, additionalSecretOutputs: ["password", "adminPassword"] },
      "redis",
      "User",
    );
  }
}
