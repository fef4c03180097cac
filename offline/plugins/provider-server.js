// @ts-check
/**
 * A Pulumi resource plugin's gRPC side: it turns the engine's calls into calls on a table of
 * resource types, and looks after secrets, unknown values, previews, checks and differences.
 *
 * The same file lies in each plugin of this kit, since each plugin is installed on its own. The
 * SDK's `pulumi.provider.main` is not used because it hands a plugin neither the provider's
 * configuration, nor whether the call is a preview, nor the old inputs.
 */
import { createHash, randomBytes } from "node:crypto";
import grpc from "@grpc/grpc-js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";

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

/**
 * @typedef {object} Plugin
 * @property {string} name
 * @property {string} version
 * @property {Record<string, ResourceType>} resources by type token
 * @property {(config: Values) => Failure[]} [checkConfig]
 * @property {(config: Values) => Promise<void> | void} [configure]
 */

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** How a value not known yet (in a preview) is written to the engine. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The engine writes unknown values differently for each type. */
const UNKNOWNS = new Set([
  UNKNOWN,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** @param {any} value @returns {boolean} whether the value is, or holds, an unknown */
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
function decode(struct) {
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
function encode(values, secrets) {
  const marked = new Set(secrets);
  const entries = Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => [key, marked.has(key) ? { [SIGNATURE]: SECRET, value } : value]);
  return structMessages.Struct.fromJavaScript(Object.fromEntries(entries));
}

/** @param {ResourceType} type @param {...Set<string>} more */
function secretNames(type, ...more) {
  const declared = Object.entries(type.properties).filter(([, property]) => property.secret);
  return new Set([...declared.map(([name]) => name), ...more.flatMap((names) => [...names])]);
}

/** @param {any} value @returns {string} a text equal for equal values, whatever the order of keys */
function canonical(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${k}:${canonical(v)}`)
    .join()}}`;
}

/** @param {Property} property @param {any} a @param {any} b */
function same(property, a, b) {
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
function withDefaults(type, inputs) {
  const filled = { ...inputs };
  for (const [name, property] of Object.entries(type.properties)) {
    if (filled[name] === undefined && property.default !== undefined)
      filled[name] = property.default;
  }
  return filled;
}

/** @param {ResourceType} type @param {Values} state @returns {Values} the state without what must not be kept */
function storable(type, state) {
  return Object.fromEntries(
    Object.entries(state).filter(([name]) => !type.properties[name]?.writeOnly),
  );
}

/** @param {Property} property @param {any} value @returns {any} numbers and booleans given as text, made plain */
function coerce(property, value) {
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
function checkInputs(type, inputs) {
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

/** @param {any} response @param {Failure[]} failures */
function setFailures(response, failures) {
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

/** @param {Plugin} plugin @returns {Record<string, (request: any) => any>} one function for each call of the engine */
function handlers(plugin) {
  /** @param {any} request @returns {ResourceType} */
  const typeOf = (request) => {
    const token = request.getUrn().split("::")[2].split("$").at(-1);
    const type = plugin.resources[token];
    if (!type) throw new Error(`this plugin does not have the resource type ${token}`);
    return type;
  };

  return {
    handshake() {
      const response = new messages.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      return response;
    },

    attach: () => new emptyMessages.Empty(),
    cancel: () => new emptyMessages.Empty(),

    getPluginInfo() {
      const response = new pluginMessages.PluginInfo();
      response.setVersion(plugin.version);
      return response;
    },

    getSchema() {
      const response = new messages.GetSchemaResponse();
      response.setSchema(JSON.stringify({ name: plugin.name, version: plugin.version }));
      return response;
    },

    checkConfig(request) {
      const { values } = decode(request.getNews());
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      const known = Object.fromEntries(
        Object.entries(values).filter(([, value]) => !hasUnknown(value)),
      );
      setFailures(response, plugin.checkConfig?.(known) ?? []);
      return response;
    },

    diffConfig(request) {
      const [old, news] = [
        decode(request.getOldInputs() ?? request.getOlds()),
        decode(request.getNews()),
      ];
      const response = new messages.DiffResponse();
      const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
      response.setChanges(canonical(old.values) === canonical(news.values) ? DIFF_NONE : DIFF_SOME);
      return response;
    },

    async configure(request) {
      await plugin.configure?.(decode(request.getArgs()).values);
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    },

    check(request) {
      const type = typeOf(request);
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
    },

    diff(request) {
      const type = typeOf(request);
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
    },

    async create(request) {
      const type = typeOf(request);
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
    },

    async read(request) {
      const type = typeOf(request);
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
        else if (
          property.required ||
          (!property.computed && !same(property, property.default, now))
        )
          actual[name] = now;
      }
      const secrets = secretNames(type, state.secrets, inputs.secrets);
      response.setId(found.id);
      response.setProperties(encode(storable(type, found.state), secrets));
      response.setInputs(encode(actual, secrets));
      return response;
    },

    async update(request) {
      const type = typeOf(request);
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
    },

    async delete(request) {
      await typeOf(request).delete?.(request.getId(), decode(request.getProperties()).values);
      return new emptyMessages.Empty();
    },
  };
}

/**
 * Serves the plugin on a free local port, and prints that port for the engine to read.
 * @param {Plugin} plugin
 */
export async function serve(plugin) {
  const limit = 400 * 1024 * 1024;
  const server = new grpc.Server({
    "grpc.max_receive_message_length": limit,
    "grpc.max_send_message_length": limit,
  });
  const implementation = Object.fromEntries(
    Object.entries(handlers(plugin)).map(([name, handle]) => [
      name,
      /** @param {any} call @param {any} callback */
      async (call, callback) => {
        try {
          callback(null, await handle(call.request));
        } catch (error) {
          const details = error instanceof Error ? error.message : String(error);
          callback({ code: grpc.status.UNKNOWN, details });
        }
      },
    ]),
  );
  server.addService(services.ResourceProviderService, implementation);
  const port = await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);

  // The engine ends its plugins; should it die first, nobody would end this process.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(0), 5000).unref();
}
