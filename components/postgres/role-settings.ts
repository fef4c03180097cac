import * as pulumi from "@pulumi/pulumi";

import { dynamicProvider, type Inputs } from "../platform/dynamic-provider";
import type { RoleSettingsInputs } from "./role-settings-inputs";

const provider = dynamicProvider("components/providers/role-settings.ts");

/**
 * Default settings for sessions of roles, set by ALTER ROLE ... SET: those that `postgresql.Role` has no property
 * for. All others are set there, and only there.
 */
export class RoleSettings extends pulumi.dynamic.Resource {
  constructor(name: string, args: Inputs<RoleSettingsInputs>, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword) },
      { ...opts, additionalSecretOutputs: ["adminPassword"] },
      "database",
      "RoleSettings",
    );
  }
}
