/**
 * The client needs Node.js 22, because @platformatic/kafka does. All that Node.js 20 lacks for it is this function, so
 * that its tests run on every version on which the platform's own commands do.
 */
interface Resolvers<T> {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason?: unknown) => void;
}

function withResolvers<T>(): Resolvers<T> {
  let resolve!: Resolvers<T>["resolve"];
  let reject!: Resolvers<T>["reject"];
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

const constructor = Promise as unknown as { withResolvers?: typeof withResolvers };
constructor.withResolvers ??= withResolvers;
