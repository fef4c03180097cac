// @ts-check
/** The `random` plugin with the one resource type that the program uses. */
import { randomInt } from "node:crypto";
import bcrypt from "bcrypt";
import { serve } from "./provider-server.js";

/** @typedef {import("./provider-server.js").Property} Property */
/** @typedef {import("./provider-server.js").ResourceType} ResourceType */
/** @typedef {import("./provider-server.js").Values} Values */

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** A change of any input replaces the resource and makes a new random value. @type {Property} */
const keepers = { kind: "map", replace: true };
/** @type {Property} */
const result = { kind: "string", output: true };

/** @param {number} least @returns {(value: any) => string | undefined} */
const atLeast = (least) => (value) =>
  Number.isInteger(value) && value >= least
    ? undefined
    : `must be a whole number of at least ${least}`;

/** @param {string[]} items @returns {string[]} the same items in a random order */
function shuffle(items) {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** @param {string} alphabet @param {number} count */
function pick(alphabet, count) {
  const characters = [...alphabet];
  return Array.from({ length: count }, () => characters[randomInt(characters.length)]);
}

/** @param {Values} inputs @returns {{ alphabet: string, least: number }[]} the classes of characters to draw from */
function classes(inputs) {
  const { upper, lower, special, minUpper, minLower, minNumeric, minSpecial } = inputs;
  const specials = inputs.overrideSpecial || SPECIAL;
  return [
    { alphabet: DIGITS, used: inputs.numeric, least: minNumeric },
    { alphabet: LOWER, used: lower, least: minLower },
    { alphabet: UPPER, used: upper, least: minUpper },
    { alphabet: specials, used: special, least: minSpecial },
  ].filter(({ used }) => used);
}

/** @param {Values} inputs @returns {string} */
function randomText(inputs) {
  const chosen = classes(inputs);
  const forced = chosen.flatMap(({ alphabet, least }) => pick(alphabet, least));
  const everything = chosen.map(({ alphabet }) => alphabet).join("");
  return shuffle([...forced, ...pick(everything, inputs.length - forced.length)]).join("");
}

/** @param {Values} inputs @returns {Values} inputs with both `numeric` and its old name `number` */
function settleNumeric({ number, ...inputs }) {
  const numeric = inputs.numeric ?? number ?? true;
  return { ...inputs, numeric, number: numeric };
}

/** @type {Record<string, Property>} */
const textProperties = {
  keepers,
  length: { kind: "number", required: true, replace: true, validate: atLeast(1) },
  upper: { kind: "boolean", default: true, replace: true },
  lower: { kind: "boolean", default: true, replace: true },
  numeric: { kind: "boolean", computed: true, replace: true },
  number: { kind: "boolean", computed: true, replace: true },
  special: { kind: "boolean", default: true, replace: true },
  overrideSpecial: { kind: "string", replace: true },
  minUpper: { kind: "number", default: 0, replace: true, validate: atLeast(0) },
  minLower: { kind: "number", default: 0, replace: true, validate: atLeast(0) },
  minNumeric: { kind: "number", default: 0, replace: true, validate: atLeast(0) },
  minSpecial: { kind: "number", default: 0, replace: true, validate: atLeast(0) },
};

/** @param {Values} inputs */
function checkText(inputs) {
  const failures = [];
  if (
    inputs.number !== undefined &&
    inputs.numeric !== undefined &&
    inputs.number !== inputs.numeric
  ) {
    failures.push({ property: "number", reason: "differs from numeric; use numeric alone" });
  }
  const settled = settleNumeric(inputs);
  const minima = {
    upper: "minUpper",
    lower: "minLower",
    numeric: "minNumeric",
    special: "minSpecial",
  };
  for (const [used, least] of Object.entries(minima)) {
    if (!settled[used] && settled[least] > 0)
      failures.push({ property: least, reason: `needs ${used} to be true` });
  }
  if (classes(settled).length === 0)
    failures.push({
      property: "upper",
      reason: "at least one of upper, lower, numeric, special must be true",
    });
  const forced = Object.values(minima).reduce((sum, least) => sum + settled[least], 0);
  if (settled.length < forced)
    failures.push({
      property: "length",
      reason: `must be at least the sum of the minima, ${forced}`,
    });
  return failures;
}

/** The inputs that an imported password gets. */
const importedText = {
  upper: true,
  lower: true,
  special: true,
  minUpper: 0,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
};

/** @param {string} text @returns {Promise<string>} a hash of the first 72 bytes; bcrypt reads no more */
const bcryptHash = (text) => bcrypt.hash(text, 10);

/** @type {ResourceType} */
const randomPassword = {
  properties: {
    ...textProperties,
    result: { ...result, secret: true },
    bcryptHash: { ...result, secret: true },
  },
  settle: settleNumeric,
  check: checkText,
  async create(inputs) {
    const settled = settleNumeric(inputs);
    const text = randomText(settled);
    return { id: "none", state: { ...settled, result: text, bcryptHash: await bcryptHash(text) } };
  },
  async read(id, state, importing) {
    if (!importing) return { id, state };
    const made = settleNumeric({ ...importedText, length: [...id].length });
    return { id: "none", state: { ...made, result: id, bcryptHash: await bcryptHash(id) } };
  },
};

// Not awaited: the compiled plugin is CommonJS, which has no await here.
void serve({
  name: "random",
  version: "4.21.2",
  resources: {
    "random:index/randomPassword:RandomPassword": randomPassword,
  },
});
