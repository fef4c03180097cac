import * as pulumi from "@pulumi/pulumi";

import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import type { RoleSettingsInputs } from "./role-settings-inputs";

/**
 * Default settings for sessions of roles, set by ALTER ROLE ... SET: those that `postgresql.Role` has no property
 * for. All others are set there, and only there.
 */
export class RoleSettings extends DynamicResource {
  constructor(name: string, args: Inputs<RoleSettingsInputs>, opts?: pulumi.CustomResourceOptions) {
    super(
      "role-settings",
      "database:RoleSettings",
      name,
      { ...args, adminPassword: pulumi.secret(args.adminPassword) },
      { ...opts, additionalSecretOutputs: ["adminPassword"] },
    );
  }
}
