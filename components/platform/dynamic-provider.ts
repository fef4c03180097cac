import type * as pulumi from "@pulumi/pulumi";

/** What a resource takes for the inputs of its provider: values, or outputs of them. */
export type Inputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

type Provider = pulumi.dynamic.ResourceProvider;

/**
 * A dynamic provider whose methods are in a module of this checkout.
 * Pulumi stores the code of a dynamic provider in the state, as text, and runs the stored text on refresh and delete.
 * Therefore this text is small, never changes, and loads the current module when it is called.
 * @param module path of the module from the root of the program. Existing states contain it, so it must not change:
 *   the modules of `components/providers/` are such fixed paths, and each re-exports a `<resource>.provider.ts`
 */
export function dynamicProvider(module: string): Provider {
  // Serialised with the methods, which may use nothing else from outside of their bodies.
  const load = (): Required<Provider> =>
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    require("tsx/cjs/api").require(`./${module}`, `${process.cwd()}/index.ts`);
  return {
    check: async (olds, news) => load().check(olds, news),
    diff: async (id, olds, news) => load().diff(id, olds, news),
    create: async (inputs) => load().create(inputs),
    read: async (id, props) => load().read(id, props),
    update: async (id, olds, news) => load().update(id, olds, news),
    delete: async (id, props) => load().delete(id, props),
  };
}
