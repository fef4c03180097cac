// @ts-check
/** The engine's calls on resources: each function handles one call for one resource type. */
import { createHash, randomBytes } from "node:crypto";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import {
  checkInputs,
  coerce,
  decode,
  encode,
  hasUnknown,
  same,
  secretNames,
  storable,
  UNKNOWN,
  withDefaults,
} from "./provider-values.js";

/** @typedef {import("./provider-values.js").Failure} Failure */
/** @typedef {import("./provider-values.js").ResourceType} ResourceType */
/** @typedef {import("./provider-values.js").Values} Values */

/** @param {any} response @param {Failure[]} failures */
export function setFailures(response, failures) {
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new messages.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
}

/** @param {string} urn @param {Uint8Array} seed @returns {string} the logical name with seven hexadecimal digits */
function automaticName(urn, seed) {
  const suffix =
    seed.length > 0
      ? createHash("sha256").update(seed).digest("hex")
      : randomBytes(4).toString("hex");
  return `${urn.slice(urn.lastIndexOf("::") + 2)}-${suffix.slice(0, 7)}`;
}

/** @param {any} request @param {Values} values @param {Values} old @returns {Values} ignored properties as they were */
function applyIgnored(request, values, old) {
  const kept = { ...values };
  for (const name of request.getIgnorechangesList()) {
    if (Object.hasOwn(old, name)) kept[name] = old[name];
    else delete kept[name];
  }
  return kept;
}

/** @param {ResourceType} type @param {any} request */
export function check(type, request) {
  const { values, secrets } = decode(request.getNews());
  for (const name of Object.keys(values)) {
    if (type.properties[name]) values[name] = coerce(type.properties[name], values[name]);
  }
  if (type.autoName && values.name === undefined) {
    values.name =
      decode(request.getOlds()).values.name ??
      automaticName(request.getUrn(), request.getRandomseed_asU8());
  }
  const response = new messages.CheckResponse();
  response.setInputs(encode(values, secretNames(type, secrets)));
  setFailures(response, checkInputs(type, values));
  return response;
}

/** @param {ResourceType} type @param {any} request */
export function diff(type, request) {
  const old = decode(request.getOlds()).values;
  const oldInputs = decode(request.getOldInputs()).values;
  const given = decode(request.getNews()).values;
  const news = applyIgnored(request, type.settle?.(given) ?? given, old);
  const response = new messages.DiffResponse();
  const { Kind } = messages.PropertyDiff;
  let replaces = false;
  for (const [name, property] of Object.entries(type.properties)) {
    if (property.output) continue;
    if (news[name] === undefined && property.computed) continue;
    const before = property.writeOnly ? oldInputs[name] : old[name];
    if (property.writeOnly && before === undefined) continue;
    if (
      !hasUnknown(news[name]) &&
      same(property, before ?? property.default, news[name] ?? property.default)
    )
      continue;
    const detail = new messages.PropertyDiff();
    const kind = before === undefined ? "ADD" : news[name] === undefined ? "DELETE" : "UPDATE";
    detail.setKind(property.replace ? Kind[`${kind}_REPLACE`] : Kind[kind]);
    response.getDetaileddiffMap().set(name, detail);
    response.addDiffs(name);
    if (property.replace) {
      response.addReplaces(name);
      replaces = true;
    }
  }
  const changed = response.getDiffsList().length > 0;
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(changed ? DIFF_SOME : DIFF_NONE);
  response.setHasdetaileddiff(true);
  response.setDeletebeforereplace(replaces && Boolean(type.deleteBeforeReplace));
  return response;
}

/** @param {ResourceType} type @param {any} request */
export async function create(type, request) {
  const { values, secrets } = decode(request.getProperties());
  const inputs = withDefaults(type, values);
  const response = new messages.CreateResponse();
  if (request.getPreview()) {
    for (const [name, property] of Object.entries(type.properties)) {
      if (inputs[name] === undefined && (property.output || property.computed))
        inputs[name] = UNKNOWN;
    }
    response.setProperties(encode(storable(type, inputs), secretNames(type, secrets)));
    return response;
  }
  const { id, state } = await type.create(inputs);
  response.setId(id);
  response.setProperties(encode(storable(type, state), secretNames(type, secrets)));
  return response;
}

/** @param {ResourceType} type @param {any} request */
export async function read(type, request) {
  const state = decode(request.getProperties());
  const inputs = decode(request.getInputs());
  const importing = Object.keys(state.values).length === 0;
  const response = new messages.ReadResponse();
  if (!type.read) {
    if (importing) throw new Error("this resource cannot be imported");
    response.setId(request.getId());
    response.setProperties(request.getProperties());
    response.setInputs(request.getInputs());
    return response;
  }
  const found = await type.read(request.getId(), state.values, importing);
  if (!found) return response;
  /** @type {Values} */
  const actual = {};
  for (const [name, property] of Object.entries(type.properties)) {
    if (property.output) continue;
    const before = inputs.values[name];
    const now = found.state[name];
    if (property.writeOnly) actual[name] = before;
    else if (before !== undefined) actual[name] = same(property, before, now) ? before : now;
    else if (property.required || (!property.computed && !same(property, property.default, now)))
      actual[name] = now;
  }
  const secrets = secretNames(type, state.secrets, inputs.secrets);
  response.setId(found.id);
  response.setProperties(encode(storable(type, found.state), secrets));
  response.setInputs(encode(actual, secrets));
  return response;
}

/** @param {ResourceType} type @param {any} request */
export async function update(type, request) {
  const old = decode(request.getOlds());
  const news = decode(request.getNews());
  const inputs = withDefaults(type, applyIgnored(request, news.values, old.values));
  for (const [name, property] of Object.entries(type.properties)) {
    if (inputs[name] === undefined && (property.output || property.computed))
      inputs[name] = old.values[name];
  }
  if (!type.update) throw new Error("this resource cannot be updated in place");
  const state = request.getPreview()
    ? inputs
    : await type.update(request.getId(), old.values, inputs);
  const response = new messages.UpdateResponse();
  response.setProperties(encode(storable(type, state), secretNames(type, news.secrets)));
  return response;
}

/** @param {ResourceType} type @param {any} request */
export async function remove(type, request) {
  await type.delete?.(request.getId(), decode(request.getProperties()).values);
  return new emptyMessages.Empty();
}
