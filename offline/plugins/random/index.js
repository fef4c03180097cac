// @ts-check
/** The resource types of the `random` plugin. */
import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";
import bcrypt from "bcryptjs";
import { serve } from "./provider-server.js";
import { petName } from "./pet-name.js";

/** @typedef {import("./provider-server.js").Property} Property */
/** @typedef {import("./provider-server.js").ResourceType} ResourceType */
/** @typedef {import("./provider-server.js").Values} Values */

const DIGITS = "0123456789";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** Every input of this plugin replaces the resource, for a new random value. */
/** @type {Property} */
const keepers = { kind: "map", replace: true };
/** @type {Property} */
const result = { kind: "string", output: true };

/** @param {number} least @returns {(value: any) => string | undefined} */
const atLeast = (least) => (value) =>
  Number.isInteger(value) && value >= least
    ? undefined
    : `must be a whole number of at least ${least}`;

/**
 * Draws whole numbers without bias: from the system's generator, or, where a seed is given, always
 * the same ones for that seed.
 * @param {string | undefined} seed
 * @returns {(limit: number) => number} a number from 0 up to, not including, the limit
 */
function drawer(seed) {
  if (seed === undefined) return (limit) => randomInt(limit);
  let count = 0;
  return (limit) => {
    const range = 2 ** 48;
    for (;;) {
      const value = createHash("sha256").update(`${count++}:${seed}`).digest().readUIntBE(0, 6);
      if (value < range - (range % limit)) return value % limit;
    }
  };
}

/**
 * @template T
 * @param {T[]} items
 * @param {(limit: number) => number} draw
 * @returns {T[]} the same items in a random order
 */
function shuffled(items, draw) {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = draw(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

/** @param {string} alphabet @param {number} count */
function pick(alphabet, count) {
  const characters = [...alphabet];
  return Array.from({ length: count }, () => characters[randomInt(characters.length)]);
}

/** @param {Values} inputs @returns {{ alphabet: string, least: number }[]} the classes of characters to use */
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
  return shuffled([...forced, ...pick(everything, inputs.length - forced.length)], (limit) =>
    randomInt(limit),
  ).join("");
}

/** @param {Values} inputs @returns {Values} `number` is the old name of `numeric` */
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

/** What an imported text is taken to have been made with. */
const importedText = {
  upper: true,
  lower: true,
  special: true,
  minUpper: 0,
  minLower: 0,
  minNumeric: 0,
  minSpecial: 0,
};

/** @param {string} text @returns {Promise<string>} a hash of the text's first 72 bytes, which is all that bcrypt reads */
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

/** @type {ResourceType} */
const randomString = {
  properties: { ...textProperties, result },
  settle: settleNumeric,
  check: checkText,
  async create(inputs) {
    const settled = settleNumeric(inputs);
    const text = randomText(settled);
    return { id: text, state: { ...settled, result: text } };
  },
  async read(id, state, importing) {
    return {
      id,
      state: importing
        ? { ...settleNumeric({ ...importedText, length: [...id].length }), result: id }
        : state,
    };
  },
};

/** @param {Buffer} bytes @param {string} [prefix] */
function idForms(bytes, prefix = "") {
  return {
    b64Url: prefix + bytes.toString("base64url"),
    b64Std: prefix + bytes.toString("base64"),
    hex: prefix + bytes.toString("hex"),
    dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
  };
}

/** @type {ResourceType} */
const randomId = {
  properties: {
    keepers,
    byteLength: { kind: "number", required: true, replace: true, validate: atLeast(1) },
    prefix: { kind: "string", replace: true },
    b64Url: result,
    b64Std: result,
    hex: result,
    dec: result,
  },
  async create(inputs) {
    const bytes = randomBytes(inputs.byteLength);
    return {
      id: bytes.toString("base64url"),
      state: { ...inputs, ...idForms(bytes, inputs.prefix) },
    };
  },
  async read(id, state, importing) {
    if (!importing) return { id, state };
    const comma = id.lastIndexOf(",");
    const prefix = comma < 0 ? undefined : id.slice(0, comma);
    const bytes = Buffer.from(id.slice(comma + 1), "base64url");
    return {
      id: id.slice(comma + 1),
      state: { byteLength: bytes.length, prefix, ...idForms(bytes, prefix) },
    };
  },
};

/** @type {ResourceType} */
const randomBytesType = {
  properties: {
    keepers,
    length: { kind: "number", required: true, replace: true, validate: atLeast(1) },
    base64: { ...result, secret: true },
    hex: { ...result, secret: true },
  },
  async create(inputs) {
    const bytes = randomBytes(inputs.length);
    return {
      id: "none",
      state: { ...inputs, base64: bytes.toString("base64"), hex: bytes.toString("hex") },
    };
  },
  async read(id, state, importing) {
    if (!importing) return { id, state };
    const bytes = Buffer.from(id, "base64");
    return { id: "none", state: { length: bytes.length, base64: id, hex: bytes.toString("hex") } };
  },
};

/** @param {() => string} make @returns {ResourceType} */
const uuidType = (make) => ({
  properties: { keepers, result },
  async create(inputs) {
    const uuid = make();
    return { id: uuid, state: { ...inputs, result: uuid } };
  },
  async read(id, state, importing) {
    return { id, state: importing ? { result: id } : state };
  },
});

/** @returns {string} a version 7 UUID: milliseconds since 1970, then random bits */
function uuid7() {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** @type {ResourceType} */
const randomInteger = {
  properties: {
    keepers,
    min: { kind: "number", required: true, replace: true },
    max: { kind: "number", required: true, replace: true },
    seed: { kind: "string", replace: true },
    result: { kind: "number", output: true },
  },
  check({ min, max }) {
    if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max))
      return [{ property: "min", reason: "min and max must be whole numbers" }];
    if (max < min) return [{ property: "max", reason: "must not be less than min" }];
    return max - min < 2 ** 48 - 1
      ? []
      : [{ property: "max", reason: "the range must be smaller than 2^48" }];
  },
  async create(inputs) {
    const value = inputs.min + drawer(inputs.seed)(inputs.max - inputs.min + 1);
    return { id: String(value), state: { ...inputs, result: value } };
  },
  async read(id, state, importing) {
    if (!importing) return { id, state };
    const [value, min, max, seed] = id.split(",");
    if (max === undefined)
      throw new Error("to import an integer, give result,min,max and perhaps seed");
    return {
      id: value,
      state: { result: Number(value), min: Number(min), max: Number(max), seed },
    };
  },
};

/** @type {ResourceType} */
const randomPet = {
  properties: {
    keepers,
    length: { kind: "number", default: 2, replace: true, validate: atLeast(1) },
    prefix: { kind: "string", replace: true },
    separator: { kind: "string", default: "-", replace: true },
  },
  async create(inputs) {
    const words = petName(inputs.length, (limit) => randomInt(limit));
    return {
      id: [...(inputs.prefix ? [inputs.prefix] : []), ...words].join(inputs.separator),
      state: inputs,
    };
  },
};

/** @type {ResourceType} */
const randomShuffle = {
  properties: {
    keepers,
    inputs: { kind: "list", required: true, replace: true },
    resultCount: { kind: "number", replace: true, validate: atLeast(0) },
    seed: { kind: "string", replace: true },
    results: { kind: "list", output: true },
  },
  async create(inputs) {
    const draw = drawer(inputs.seed);
    const wanted = inputs.inputs.length === 0 ? 0 : (inputs.resultCount ?? inputs.inputs.length);
    /** @type {string[]} */
    const results = [];
    while (results.length < wanted)
      results.push(...shuffled(inputs.inputs, draw).slice(0, wanted - results.length));
    return { id: "-", state: { ...inputs, results } };
  },
};

await serve({
  name: "random",
  version: "4.21.2",
  resources: {
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomBytes:RandomBytes": randomBytesType,
    "random:index/randomUuid:RandomUuid": uuidType(randomUUID),
    "random:index/randomUuid4:RandomUuid4": uuidType(randomUUID),
    "random:index/randomUuid7:RandomUuid7": uuidType(uuid7),
    "random:index/randomInteger:RandomInteger": randomInteger,
    "random:index/randomPet:RandomPet": randomPet,
    "random:index/randomShuffle:RandomShuffle": randomShuffle,
  },
});
