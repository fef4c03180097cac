import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import {
  clearTexts,
  keyOf,
  type Monitor,
  optionsOf,
  type RecordedResource,
  revealed,
  ROOT_TYPE,
} from "./requests";

export interface Recorded {
  /** Every resource, in the order of registration. */
  resources: readonly RecordedResource[];
  /** The resources of one type, by name. */
  all(type: string): RecordedResource[];
  /** The only resource of a type, or the only one of a type with the name. */
  only(type: string, name?: string): RecordedResource;
}

export const TYPES = {
  network: "docker:index/network:Network",
  volume: "docker:index/volume:Volume",
  image: "docker:index/remoteImage:RemoteImage",
  container: "docker:index/container:Container",
  password: "random:index/randomPassword:RandomPassword",
  postgresqlProvider: "pulumi:providers:postgresql",
  role: "postgresql:index/role:Role",
  database: "postgresql:index/database:Database",
  grant: "postgresql:index/grant:Grant",
  extension: "postgresql:index/extension:Extension",
  administratorSetup: "pulumi-nodejs:dynamic/database:AdministratorSetup",
  databaseRights: "pulumi-nodejs:dynamic/database:Rights",
  replicaSlot: "pulumi-nodejs:dynamic/database:ReplicaSlot",
  migrations: "pulumi-nodejs:dynamic/database:SchemaMigrations",
  kafkaProvider: "pulumi:providers:kafka",
  topic: "kafka:index/topic:Topic",
  rights: "pulumi-nodejs:dynamic/kafka:Rights",
  copies: "pulumi-nodejs:dynamic/kafka:Copies",
  kafkaUser: "kafka:index/userScramCredential:UserScramCredential",
  schemas: "pulumi-nodejs:dynamic/kafka:EventSchemas",
  redisCluster: "pulumi-nodejs:dynamic/redis:Cluster",
  redisReplication: "pulumi-nodejs:dynamic/redis:Replication",
  redisUser: "pulumi-nodejs:dynamic/redis:User",
  authority: "pulumi-nodejs:dynamic/tls:CertificateAuthority",
  certificate: "pulumi-nodejs:dynamic/tls:ServerCertificate",
} as const;

/** Address of the host on every network of the mocks. */
export const NETWORK_GATEWAY = "172.30.0.1";

/** Properties that a resource has in addition to its inputs once it exists. */
const COMPUTED: Record<string, (name: string) => Record<string, unknown>> = {
  ...Object.fromEntries(Object.values(TYPES).map((type) => [type, () => ({})])),
  [TYPES.password]: (name) => ({ result: generatedPassword(name) }),
  [TYPES.image]: (name) => ({ imageId: `sha256:id-of-${name}` }),
  [TYPES.authority]: (name) => ({
    certificate: `certificate of ${name}`,
    privateKey: privateKeyOf(name),
    bridge: "",
    trusted: TRUSTED,
  }),
  [TYPES.certificate]: (name) => ({
    certificate: `certificate of ${name}`,
    privateKey: privateKeyOf(name),
  }),
  [TYPES.network]: () => ({ ipamConfigs: [{ subnet: "172.30.0.0/16", gateway: NETWORK_GATEWAY }] }),
};

/** The authorities to trust, in the mocks. */
export const TRUSTED = "what clients trust";

/** The key of an authority's or server's certificate; it looks like nothing else in a program. */
export const privateKeyOf = (resource: string) => `private-key-of-${resource}`;

/** The password that the resource of a name generates; it looks like nothing else in a program. */
export const generatedPassword = (resource: string) => `generated-by-${resource}`;

/** Every generated password, and every hash of one, that the texts contain. */
export function passwordsIn(recorded: Recorded, texts: string[]): string[] {
  const found = recorded.all(TYPES.password).flatMap(({ name }) => {
    const password = generatedPassword(name);
    return [password, createHash("sha256").update(password).digest("hex")];
  });
  return found.filter((secret) => texts.some((text) => text.includes(secret)));
}

/**
 * Replaces the engine from now on, for one stack. It rejects what it does not know: functions, types of resources,
 * and a second resource of the same type and name.
 * @param rotated passwords by name of the resource, in place of the generated ones
 */
export function recordResources(
  project: string,
  stack: string,
  rotated: Record<string, string> = {},
): Recorded {
  const resources: RecordedResource[] = [];
  const find: Find = (type, name) =>
    resources.find((resource) => resource.type === type && resource.name === name);
  void pulumi.runtime.setMocks(
    {
      call({ token }) {
        throw new Error(`unexpected call of ${token}`);
      },
      newResource: (args) => createResource(args, find, rotated),
    },
    project,
    stack,
  );
  observeRequests(resources, find);
  const all = (type: string) =>
    resources
      .filter((resource) => resource.type === type)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    resources,
    all,
    only(type, name) {
      const found = all(type).filter((resource) => name === undefined || resource.name === name);
      const names = all(type).map((resource) => resource.name);
      assert.equal(found.length, 1, `${type} ${name ?? ""} among ${names.join(", ") || "none"}`);
      return found[0];
    },
  };
}

type Find = (type: string, name: string) => RecordedResource | undefined;

function createResource(
  { type, name, inputs, custom }: pulumi.runtime.MockResourceArgs,
  find: Find,
  rotated: Record<string, string>,
): pulumi.runtime.MockResourceResult {
  if (type === ROOT_TYPE) {
    return { id: undefined, state: {} };
  }
  const recorded = find(type, name);
  assert.ok(recorded, `${type} ${name} was not registered`);
  recorded.inputs = revealed(inputs, recorded) as typeof recorded.inputs;
  if (!custom) {
    return { id: undefined, state: {} };
  }
  const computed = COMPUTED[type]?.(name);
  if (!computed) {
    throw new Error(`unexpected resource ${name} of type ${type}`);
  }
  const state: Record<string, unknown> = { ...inputs, ...computed };
  if (type === TYPES.password && name in rotated) {
    state.result = rotated[name];
  }
  for (const key of recorded.additionalSecretOutputs.filter((output) => output in state)) {
    state[key] = pulumi.secret(state[key]);
  }
  return { id: `id-of-${name}`, state };
}

/** Records each request. The mocks get only inputs; the other options of a resource are in the request. */
function observeRequests(resources: RecordedResource[], find: Find): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    if (request.getType() === ROOT_TYPE) {
      return register(request, callback);
    }
    assert.ok(
      !find(request.getType(), request.getName()),
      `a second ${request.getType()} is called ${request.getName()}`,
    );
    resources.push(optionsOf(request));
    return register(request, callback);
  };
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, callback) => {
    const key = keyOf(request.getUrn());
    if (key === undefined) {
      return registerOutputs(request, callback);
    }
    const recorded = resources.find((resource) => resource.key === key);
    assert.ok(recorded, `outputs of ${request.getUrn()}, which is not registered`);
    recorded.clearText.push(...clearTexts(request.getOutputs().toJavaScript()));
    return registerOutputs(request, callback);
  };
}

/** Waits until every resource of the program is registered and every output is known. */
export async function settled(): Promise<void> {
  await pulumi.runtime.disconnect();
}

/** The value of an output, and whether it is secret. */
export async function resolved<T>(
  output: pulumi.Output<T>,
): Promise<{ value: pulumi.Unwrap<T>; secret: boolean }> {
  const value = await new Promise<pulumi.Unwrap<T>>((resolve) =>
    pulumi.output(output).apply((known) => resolve(known)),
  );
  return { value, secret: await pulumi.isSecret(output) };
}
