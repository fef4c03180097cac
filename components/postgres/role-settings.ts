import * as pulumi from "@pulumi/pulumi";

import { dynamicProvider, type Inputs } from "../platform/dynamic-provider";
import type { RoleSettingsInputs } from "./role-settings-inputs";

const provider = dynamicProvider("components/providers/role-settings.ts");

/**
 * Settings with which roles' sessions begin, made by ALTER ROLE ... SET: those that
 * `postgresql.Role` has no property for. What it has one for is set there, and there alone.
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
