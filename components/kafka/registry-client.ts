/**
 * A schema registry, by the API that Confluent, Redpanda and Apicurio share. Redpanda v26.2:
 * src/v/pandaproxy/schema_registry/service.cc has the paths, handlers.cc what they do.
 */
import { answerOf, type HttpLogin } from "../platform/http-client";

export interface RegistryServer {
  url: string;
  login: HttpLogin;
  /** PEM of the authorities to trust; absent for those of the system. */
  trusted?: string;
}

/** Nothing answers at the registry's address. */
export class RegistryUnreachableError extends Error {
  public override readonly name = "RegistryUnreachableError";
}

/** The registry answers, and refuses. */
export class RegistryError extends Error {
  public override readonly name = "RegistryError";

  constructor(
    message: string,
    /** The HTTP status. */
    public readonly status: number,
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 10_000;
const TYPE = "application/vnd.schemaregistry.v1+json";

/** A registry that was just started, or has a new leader, is back by then. */
const ATTEMPTS = 5;
const RETRY_MS = 300;

type Method = "GET" | "POST" | "PUT" | "DELETE";

export class RegistryClient {
  private readonly url: string;

  /** @param attempts how often a request is made while the registry answers with an error of its own */
  constructor(
    private readonly server: RegistryServer,
    private readonly attempts = ATTEMPTS,
  ) {
    this.url = server.url.replace(/\/$/, "");
  }

  /** Names of the subjects that have a version. */
  public async subjects(): Promise<string[]> {
    return (await this.ask("GET", "/subjects")) as string[];
  }

  /** Numbers of a subject's versions; none where there is no such subject. */
  public async versions(subject: string): Promise<number[]> {
    return (await this.find("GET", `${at(subject)}/versions`)) ?? [];
  }

  /** The schema of a version, as its registry writes it; undefined where it was deleted. */
  public async schema(subject: string, version: number): Promise<unknown> {
    const found = await this.find<{ schema: string }>("GET", `${at(subject)}/versions/${version}`);
    return found && (JSON.parse(found.schema) as unknown);
  }

  /** Registers a JSON Schema. A schema that the subject has already stays as it is. */
  public async register(subject: string, text: string): Promise<void> {
    await this.ask("POST", `${at(subject)}/versions`, { schemaType: "JSON", schema: text });
  }

  /** Why the registry would refuse a new version; none where it would take it, or has no such subject. */
  public async incompatibilities(subject: string, text: string): Promise<string[]> {
    const answer = await this.find<{ is_compatible: boolean; messages?: string[] }>(
      "POST",
      `/compatibility${at(subject)}/versions/latest?verbose=true`,
      { schemaType: "JSON", schema: text },
    );
    if (answer === undefined || answer.is_compatible) {
      return [];
    }
    // Apicurio gives no reason.
    return answer.messages?.length
      ? answer.messages
      : ["it is not compatible with those before it"];
  }

  /** The subject's own level of compatibility; undefined where it has none. */
  public async level(subject: string): Promise<string | undefined> {
    const found = await this.find<{ compatibilityLevel: string }>("GET", config(subject));
    return found?.compatibilityLevel;
  }

  public async setLevel(subject: string, level: string): Promise<void> {
    await this.ask("PUT", config(subject), { compatibility: level });
  }

  /** Deletes a version, so that it is not compared any more. Readers still find it by its id. */
  public async deleteVersion(subject: string, version: number): Promise<void> {
    await this.find("DELETE", `${at(subject)}/versions/${version}`);
  }

  /** Deletes a subject with all its versions and its level, for good. */
  public async deleteSubject(subject: string): Promise<void> {
    await this.find("DELETE", config(subject));
    await this.find("DELETE", at(subject));
    await this.find("DELETE", `${at(subject)}?permanent=true`);
  }

  /** As `ask`, but undefined where the registry knows no such thing. */
  private async find<T>(method: Method, path: string, body?: object): Promise<T | undefined> {
    try {
      return (await this.ask(method, path, body)) as T;
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  private async ask(method: Method, path: string, body?: object): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      const { status, text } = await this.request(method, path, body);
      if (status >= 500 && attempt < this.attempts) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      if (status >= 400) {
        throw new RegistryError(
          `${this.url}: ${method} ${path} answers ${reasonIn(status, text)}`,
          status,
        );
      }
      return text === "" ? undefined : (JSON.parse(text) as unknown);
    }
  }

  private async request(method: Method, path: string, body: object | undefined) {
    const { login, trusted } = this.server;
    try {
      return await answerOf(`${this.url}${path}`, {
        ...{ login, trusted, method, timeoutMs: TIMEOUT_MS },
        ...(body && { body: { type: TYPE, text: JSON.stringify(body) } }),
      });
    } catch (error) {
      throw new RegistryUnreachableError(`${this.url}: ${(error as Error).message}`);
    }
  }
}

const at = (subject: string) => `/subjects/${encodeURIComponent(subject)}`;
const config = (subject: string) => `/config/${encodeURIComponent(subject)}`;

function reasonIn(status: number, text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: string };
    return `${status}${message === undefined ? "" : `: ${message}`}`;
  } catch {
    return String(status);
  }
}
