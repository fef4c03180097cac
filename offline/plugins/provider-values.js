// @ts-check
/** Property values of a plugin: secrets, unknown values, defaults, comparison and checks. */
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";

/** @typedef {Record<string, any>} Values property values, without secret wrappers */
/** @typedef {{ property: string, reason: string }} Failure */

/**
 * @typedef {object} Property
 * @property {"string" | "number" | "boolean" | "list" | "set" | "map"} kind
 * @property {boolean} [required]
 * @property {any} [default] what an absent input stands for
 * @property {boolean} [computed] an absent input means "as the server has it": never a difference
 * @property {boolean} [output] set by the plugin only, never an input
 * @property {boolean} [secret] always marked secret in the state
 * @property {boolean} [writeOnly] an input which the state never holds
 * @property {boolean} [replace] a change replaces the resource
 * @property {(value: any) => string | undefined} [validate] a reason to refuse the value
 * @property {(a: any, b: any) => boolean} [same] equality, where the kind's own is too strict
 */

/**
 * @typedef {object} ResourceType
 * @property {Record<string, Property>} properties
 * @property {boolean} [autoName] an absent `name` is made from the resource's logical name
 * @property {boolean} [deleteBeforeReplace]
 * @property {(inputs: Values) => Values} [settle] makes the inputs plain before they are compared with the state
 * @property {(inputs: Values) => Failure[]} [check] runs only when every input is known
 * @property {(inputs: Values) => Promise<{ id: string, state: Values }>} create
 * @property {(id: string, state: Values, importing: boolean) => Promise<{ id: string, state: Values } | undefined>} [read]
 * @property {(id: string, old: Values, inputs: Values) => Promise<Values>} [update]
 * @property {(id: string, state: Values) => Promise<void>} [delete]
 */

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Text that stands for a value that is not known yet, in a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The engine has another text for each type of unknown value. */
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** @param {any} value @returns {boolean} whether the value is or contains an unknown */
export function hasUnknown(value) {
  if (typeof value === "string") return UNKNOWNS.has(value);
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(hasUnknown);
}

/**
 * @param {any} value
 * @param {() => void} onSecret called for each secret met
 * @returns {any} the value without secret wrappers
 */
function unwrap(value, onSecret) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => unwrap(item, onSecret));
  if (value[SIGNATURE] === SECRET) {
    onSecret();
    return unwrap(value.value, onSecret);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, unwrap(item, onSecret)]),
  );
}

/**
 * @param {any} struct a google.protobuf.Struct, or nothing
 * @returns {{ values: Values, secrets: Set<string> }} the values, and the names of those with a secret inside
 */
export function decode(struct) {
  /** @type {Values} */
  const values = {};
  /** @type {Set<string>} */
  const secrets = new Set();
  for (const [key, value] of Object.entries(struct?.toJavaScript() ?? {})) {
    if (value === null || key === "__defaults" || key === "__meta") continue;
    values[key] = unwrap(value, () => secrets.add(key));
  }
  return { values, secrets };
}

/**
 * @param {Values} values
 * @param {Iterable<string>} secrets names of the properties to mark secret
 */
export function encode(values, secrets) {
  const marked = new Set(secrets);
  const entries = Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => [key, marked.has(key) ? { [SIGNATURE]: SECRET, value } : value]);
  return structMessages.Struct.fromJavaScript(Object.fromEntries(entries));
}

/** @param {ResourceType} type @param {...Set<string>} more */
export function secretNames(type, ...more) {
  const declared = Object.entries(type.properties).filter(([, property]) => property.secret);
  return new Set([...declared.map(([name]) => name), ...more.flatMap((names) => [...names])]);
}

/** @param {any} value @returns {string} the same text for equal values, whatever the order of keys */
export function canonical(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}:${canonical(v)}`)
    .join()}}`;
}

/** @param {Property} property @param {any} a @param {any} b */
export function same(property, a, b) {
  if (property.same && a !== undefined && b !== undefined) return property.same(a, b);
  if (property.kind === "list" || property.kind === "set") {
    const [left, right] = [a ?? [], b ?? []].map((list) => list.map(canonical));
    if (property.kind === "set")
      return canonical([...new Set(left)].sort()) === canonical([...new Set(right)].sort());
    return canonical(left) === canonical(right);
  }
  if (property.kind === "map") return canonical(a ?? {}) === canonical(b ?? {});
  return canonical(a) === canonical(b);
}

/** @param {ResourceType} type @param {Values} inputs @returns {Values} the inputs with the defaults filled in */
export function withDefaults(type, inputs) {
  const filled = { ...inputs };
  for (const [name, property] of Object.entries(type.properties)) {
    if (filled[name] === undefined && property.default !== undefined)
      filled[name] = property.default;
  }
  return filled;
}

/** @param {ResourceType} type @param {Values} state @returns {Values} the state without write-only properties */
export function storable(type, state) {
  return Object.fromEntries(
    Object.entries(state).filter(([name]) => !type.properties[name]?.writeOnly),
  );
}

/** @param {Property} property @param {any} value @returns {any} the value, with a number or boolean given as text converted */
export function coerce(property, value) {
  if (typeof value !== "string" || hasUnknown(value)) return value;
  if (property.kind === "number" && value.trim() !== "" && Number.isFinite(Number(value)))
    return Number(value);
  if (property.kind === "boolean" && (value === "true" || value === "false"))
    return value === "true";
  return value;
}

/** @param {Property} property @param {any} value */
function hasKind(property, value) {
  switch (property.kind) {
    case "list":
    case "set":
      return Array.isArray(value);
    case "map":
      return typeof value === "object" && !Array.isArray(value);
    default:
      return typeof value === property.kind;
  }
}

/**
 * @param {ResourceType} type
 * @param {Values} inputs
 * @returns {Failure[]}
 */
export function checkInputs(type, inputs) {
  /** @type {Failure[]} */
  const failures = [];
  for (const [name, value] of Object.entries(inputs)) {
    const property = type.properties[name];
    if (!property || property.output) {
      failures.push({ property: name, reason: "this property is not an input of this resource" });
    } else if (!hasUnknown(value)) {
      const reason = hasKind(property, value)
        ? property.validate?.(value)
        : `must be a ${property.kind}`;
      if (reason) failures.push({ property: name, reason });
    }
  }
  for (const [name, property] of Object.entries(type.properties)) {
    if (property.required && inputs[name] === undefined)
      failures.push({ property: name, reason: "is required" });
  }
  if (failures.length === 0 && !hasUnknown(inputs))
    failures.push(...(type.check?.(withDefaults(type, inputs)) ?? []));
  return failures;
}
