import * as pulumi from "@pulumi/pulumi";

/** What a resource takes for the inputs of its provider: values, or outputs of them. */
export type Inputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

/**
 * A resource whose provider is a module of this checkout, run by Pulumi's plugin for dynamic providers.
 *
 * The plugin evaluates a text from the resource's inputs (@pulumi/pulumi 3.259.0 cmd/dynamic-provider/index.js,
 * `getProvider`), also from old states, on refresh and delete. `pulumi.dynamic.Resource` makes that text from the
 * provider's code: 3 kB in each resource, which change with the code. This text only names the provider.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  /**
   * @param provider name of the provider in components/providers.ts; states hold it, so it must not change
   * @param type module and name of the resource's type: `redis:User`
   */
  constructor(
    provider: string,
    type: string,
    name: string,
    props: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(
      `pulumi-nodejs:dynamic/${type}`,
      name,
      { ...props, __provider: providerText(provider) },
      opts,
    );
  }
}

/** The plugin runs in the root of the program. */
export const providerText = (provider: string) =>
  `exports.handler = () => require(process.cwd() + "/runtime/load-provider.js")(${JSON.stringify(provider)});`;
