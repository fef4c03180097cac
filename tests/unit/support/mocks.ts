import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

/** A resource as the program registered it with the engine. */
export interface RecordedResource {
  /** `<type>::<name>`, by which the other fields of other resources name this one. */
  key: string;
  type: string;
  name: string;
  /** What the program passed, secrets among it in clear. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  inputs: Record<string, any>;
  /** Paths of the inputs that were marked secret, as `uploads[0].content`. */
  secretInputs: string[];
  /** Every text among inputs and outputs that is not marked secret: what the state shows. */
  clearText: string[];
  /** Number of frames of the stack trace that the state keeps. */
  frames: number;
  /** Keys of resources, absent where the option is not given. */
  parent?: string;
  provider?: string;
  deletedWith?: string;
  /** Keys of the resources that are waited for, those that only an input comes from included. */
  dependsOn: string[];
  protect?: boolean;
  deleteBeforeReplace?: boolean;
  replaceOnChanges: string[];
  ignoreChanges: string[];
  additionalSecretOutputs: string[];
  /** Keys of the parents below which states may know the resource, by its aliases. */
  formerParents: string[];
}

export interface Recorded {
  /** Every resource, in the order of registration. */
  resources: readonly RecordedResource[];
  /** The resources of one type, by name. */
  all(type: string): RecordedResource[];
  /** The one resource of a type that has the name or, without one, the only resource of the type. */
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
  defaultPrivileges: "postgresql:index/defaultPrivileges:DefaultPrivileges",
  extension: "postgresql:index/extension:Extension",
  roleSettings: "pulumi-nodejs:dynamic/database:RoleSettings",
  migrations: "pulumi-nodejs:dynamic/database:SchemaMigrations",
  kafkaProvider: "pulumi:providers:kafka",
  topic: "kafka:index/topic:Topic",
  rights: "pulumi-nodejs:dynamic/kafka:Rights",
  kafkaUser: "kafka:index/userScramCredential:UserScramCredential",
  redisUser: "pulumi-nodejs:dynamic/redis:User",
  authority: "pulumi-nodejs:dynamic/tls:CertificateAuthority",
  certificate: "pulumi-nodejs:dynamic/tls:ServerCertificate",
} as const;

/** Address of the host on every network that the mocks make. */
export const NETWORK_GATEWAY = "172.30.0.1";

/** What the engine hangs a program's resources below; it is not recorded. */
const ROOT_TYPE = "pulumi:pulumi:Stack";

/** What a resource has besides its inputs once it exists. */
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

/** The authorities that the mocks' own trusts. */
export const TRUSTED = "what clients trust";

/** The key of an authority's or server's certificate; nothing else in a program looks like it. */
export const privateKeyOf = (resource: string) => `private-key-of-${resource}`;

/** What the password resource of a name generates; nothing else in a program looks like it. */
export const generatedPassword = (resource: string) => `generated-by-${resource}`;

/** Every generated password and its hash that one of the texts holds. */
export function passwordsIn(recorded: Recorded, texts: string[]): string[] {
  const found = recorded.all(TYPES.password).flatMap(({ name }) => {
    const password = generatedPassword(name);
    return [password, createHash("sha256").update(password).digest("hex")];
  });
  return found.filter((secret) => texts.some((text) => text.includes(secret)));
}

/** How the wire marks a value as secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The part of the SDK's request that is looked at; the SDK types neither the mock monitor nor this. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getProvider(): string;
  getDeletedwith(): string;
  getDependenciesList(): string[];
  getProtect(): boolean | undefined;
  getDeletebeforereplace(): boolean;
  getReplaceonchangesList(): string[];
  getIgnorechangesList(): string[];
  getAdditionalsecretoutputsList(): string[];
  getAliasesList(): { getSpec(): { getParenturn(): string } | undefined }[];
  getStacktrace(): { getFramesList(): unknown[] } | undefined;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): { toJavaScript(): Record<string, unknown> };
}

interface Monitor {
  registerResource(request: RegisterRequest, callback: unknown): unknown;
  registerResourceOutputs(request: OutputsRequest, callback: unknown): unknown;
}

/**
 * Stands in for the engine from here on, for one stack. It refuses what it does not know: functions,
 * types of resources, and a second resource of one type and name.
 * @param rotated other passwords than those that are generated, by the name of the resource
 */
export function recordResources(
  project: string,
  stack: string,
  rotated: Record<string, string> = {},
): Recorded {
  const resources: RecordedResource[] = [];
  const find = (type: string, name: string) =>
    resources.find((resource) => resource.type === type && resource.name === name);

  void pulumi.runtime.setMocks(
    {
      call({ token }) {
        throw new Error(`unexpected call of ${token}`);
      },
      newResource({ type, name, inputs, custom }) {
        if (type === ROOT_TYPE) {
          return { id: undefined, state: {} };
        }
        const recorded = find(type, name);
        assert.ok(recorded, `${type} ${name} was not announced`);
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
      },
    },
    project,
    stack,
  );
  // The mocks are told inputs alone: what else is asked of the engine is seen in the request.
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

function optionsOf(request: RegisterRequest): RecordedResource {
  const [type, name] = [request.getType(), request.getName()];
  return {
    key: `${type}::${name}`,
    type,
    name,
    inputs: {},
    secretInputs: [],
    clearText: [],
    frames: request.getStacktrace()?.getFramesList().length ?? 0,
    parent: keyOf(request.getParent()),
    provider: keyOf(request.getProvider()),
    deletedWith: keyOf(request.getDeletedwith()),
    dependsOn: request.getDependenciesList().flatMap((urn) => keyOf(urn) ?? []),
    protect: request.getProtect(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    replaceOnChanges: request.getReplaceonchangesList(),
    ignoreChanges: request.getIgnorechangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    formerParents: request
      .getAliasesList()
      .flatMap((alias) => keyOf(alias.getSpec()?.getParenturn() ?? "") ?? []),
  };
}

/** `urn:pulumi:stack::project::parentType$type::name` and, of a provider, `::id`; undefined of none or the root. */
function keyOf(urn: string): string | undefined {
  if (urn === "") {
    return undefined;
  }
  const [, , types, name] = urn.split("::");
  const type = types.split("$").pop();
  return type === ROOT_TYPE ? undefined : `${type}::${name}`;
}

const isSecret = (value: object): value is { value: unknown } =>
  (value as Record<string, unknown>)[SIGNATURE] === SECRET;

/** The inputs without their marks of secrecy; what was marked and what was not is noted. */
function revealed(inputs: unknown, { secretInputs, clearText }: RecordedResource): unknown {
  clearText.push(...clearTexts(inputs));
  return reveal(inputs, "");

  function reveal(value: unknown, path: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item, index) => reveal(item, `${path}[${index}]`));
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    if (isSecret(value)) {
      secretInputs.push(path);
      return reveal(value.value, path);
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        reveal(item, path === "" ? key : `${path}.${key}`),
      ]),
    );
  }
}

function clearTexts(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  if (typeof value !== "object" || value === null || isSecret(value)) {
    return [];
  }
  return Object.values(value).flatMap(clearTexts);
}
