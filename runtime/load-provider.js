/** Loads a provider of this checkout in Pulumi's plugin process: see components/platform/dynamic-resource.ts. */
"use strict";

const { load } = require("./compile");

/** @param {string} name */
module.exports = function loadProvider(name) {
  const { PROVIDERS } = load("components/providers.ts", { isKilled: true });
  if (!Object.hasOwn(PROVIDERS, name)) {
    throw new Error(`There is no provider ${name} in components/providers.ts.`);
  }
  return PROVIDERS[name];
};
