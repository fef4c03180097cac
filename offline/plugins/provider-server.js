// @ts-check
/**
 * The gRPC side of a Pulumi resource plugin: turns the engine's calls into calls on a table of resource types.
 *
 * The same provider-*.js files are installed with each plugin, since each plugin has its own folder. The SDK's
 * `pulumi.provider.main` is not used: it passes a plugin neither the provider's configuration, nor whether the call is a
 * preview, nor the old inputs.
 */
import grpc from "@grpc/grpc-js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import * as resources from "./provider-resources.js";
import { canonical, decode, hasUnknown } from "./provider-values.js";

/** @typedef {import("./provider-values.js").Failure} Failure */
/** @typedef {import("./provider-values.js").Property} Property */
/** @typedef {import("./provider-values.js").ResourceType} ResourceType */
/** @typedef {import("./provider-values.js").Values} Values */

/**
 * @typedef {object} Plugin
 * @property {string} name
 * @property {string} version
 * @property {Record<string, ResourceType>} resources by type token
 * @property {(config: Values) => Failure[]} [checkConfig]
 * @property {(config: Values) => Promise<void> | void} [configure]
 */

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
      resources.setFailures(response, plugin.checkConfig?.(known) ?? []);
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

    check: (request) => resources.check(typeOf(request), request),
    diff: (request) => resources.diff(typeOf(request), request),
    create: (request) => resources.create(typeOf(request), request),
    read: (request) => resources.read(typeOf(request), request),
    update: (request) => resources.update(typeOf(request), request),
    delete: (request) => resources.remove(typeOf(request), request),
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

  // The engine ends its plugins. If the engine dies first, the plugin ends itself.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(0), 5000).unref();
}
