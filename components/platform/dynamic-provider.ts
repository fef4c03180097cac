import type * as pulumi from "@pulumi/pulumi";

/** What a resource takes for the inputs of its provider: values, or outputs of them. */
export type Inputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

type Provider = pulumi.dynamic.ResourceProvider;

/**
 * A dynamic provider whose methods live in a module of this checkout.
 * Pulumi stores a dynamic provider's code in the state, as text, and runs the stored text on refresh and
 * delete. So this text is small and never changes, and loads the current module when it is called.
 * @param module path of the module from the root of the program. Existing states hold it, so it must stay: the
 *   modules of `components/providers/` are such fixed paths, and each one re-exports `<resource>.provider.ts`
 */
export function dynamicProvider(module: string): Provider {
  // Serialised with the methods: they may use nothing else from outside of their bodies.
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
