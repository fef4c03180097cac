/** Reads the requests by which a program registers resources with the engine. */

/** A resource as the program registered it with the engine. */
export interface RecordedResource {
  /** `<type>::<name>`, by which fields of other resources refer to this one. */
  key: string;
  type: string;
  name: string;
  /** The inputs that the program passed, with secrets as plain text. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  inputs: Record<string, any>;
  /** Paths of the inputs that were marked secret, such as `uploads[0].content`. */
  secretInputs: string[];
  /** Every text in inputs and outputs that is not marked secret: it is readable in the state. */
  clearText: string[];
  /** Number of frames of the stack trace in the state. */
  frames: number;
  /** Keys of resources; absent if the option is not set. */
  parent?: string;
  provider?: string;
  deletedWith?: string;
  /** Keys of the resources that it waits for, those included that only an input comes from. */
  dependsOn: string[];
  protect?: boolean;
  /** Whether it stays where it is when the stack goes. */
  retainOnDelete: boolean;
  deleteBeforeReplace?: boolean;
  replaceOnChanges: string[];
  ignoreChanges: string[];
  additionalSecretOutputs: string[];
  /** Keys of the parents below which states may know the resource, by its aliases. */
  formerParents: string[];
}

/** Parent of all resources of a program; it is not recorded. */
export const ROOT_TYPE = "pulumi:pulumi:Stack";

/** Marks of secret values in requests. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The part of the SDK's request that the tests read. The SDK has types for neither this nor the mock monitor. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getParent(): string;
  getProvider(): string;
  getDeletedwith(): string;
  getDependenciesList(): string[];
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
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

export interface Monitor {
  registerResource(request: RegisterRequest, callback: unknown): unknown;
  registerResourceOutputs(request: OutputsRequest, callback: unknown): unknown;
}

/** A resource as its request describes it, without its inputs. */
export function optionsOf(request: RegisterRequest): RecordedResource {
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
    retainOnDelete: request.getRetainondelete() ?? false,
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

/** `urn:pulumi:stack::project::parentType$type::name` and, of a provider, `::id`; undefined for none or the root. */
export function keyOf(urn: string): string | undefined {
  if (urn === "") {
    return undefined;
  }
  const [, , types, name] = urn.split("::");
  const type = types.split("$").pop();
  return type === ROOT_TYPE ? undefined : `${type}::${name}`;
}

const isSecret = (value: object): value is { value: unknown } =>
  (value as Record<string, unknown>)[SIGNATURE] === SECRET;

/** The inputs without their marks. Records which were secret and which were not. */
export function revealed(inputs: unknown, { secretInputs, clearText }: RecordedResource): unknown {
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

/** The texts in a value that are not marked secret. */
export function clearTexts(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  if (typeof value !== "object" || value === null || isSecret(value)) {
    return [];
  }
  return Object.values(value).flatMap(clearTexts);
}
