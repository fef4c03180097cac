/** Whether a schema registry that exists already answers, and lets the services in. */
import { type HttpLogin, statusOf } from "../platform/http-client";
import { errorText, type ServerFinding, tlsFinding } from "../platform/server-finding";

const KEY = "schemaRegistry";
const TIMEOUT_MS = 10_000;

export interface CheckedRegistry {
  url: string;
  /** Logins that are known before anything is made, by the key of the configuration that has each. */
  logins: Readonly<Record<string, HttpLogin>>;
  /** PEM of authorities that services trust besides those of the system. */
  trusted?: string;
}

/** Asks for the subjects, and changes nothing. */
export async function checkRegistry(
  registry: CheckedRegistry,
  timeoutMs = TIMEOUT_MS,
): Promise<ServerFinding[]> {
  const logins = Object.entries(registry.logins);
  const status = (login?: HttpLogin) =>
    statusOf(`${registry.url.replace(/\/$/, "")}/subjects`, {
      ...{ login, trusted: registry.trusted, timeoutMs },
    });
  try {
    if (logins.length === 0) {
      return judge(await status(), registry);
    }
    const found = await Promise.all(
      logins.map(async ([key, login]) => judge(await status(login), registry, { key, ...login })),
    );
    return found.flat().filter(({ key }, at, all) => all.findIndex((f) => f.key === key) === at);
  } catch (error) {
    return [outOfReach(registry, error as Error)];
  }
}

function judge(
  code: number,
  { url }: CheckedRegistry,
  login?: { key: string; username: string },
): ServerFinding[] {
  if (code === 401 || code === 403) {
    // Users that are still to be created cannot be asked about.
    return login === undefined
      ? []
      : [
          {
            key: login.key,
            reason: `is refused by ${url} (${code}), as ${login.username}`,
            kind: "fault",
          },
        ];
  }
  if (code >= 500) {
    const reason = `names ${url}, which answers ${code}`;
    return [{ key: `${KEY}.url`, reason, kind: "out of reach" }];
  }
  return code === 200
    ? []
    : [
        {
          key: `${KEY}.url`,
          reason: `must be that of a schema registry: ${url} answers ${code} when asked for /subjects`,
          kind: "fault",
        },
      ];
}

function outOfReach({ url }: CheckedRegistry, error: Error & { code?: string }): ServerFinding {
  const found = tlsFinding(KEY, url, error);
  if (found === undefined) {
    const reason = `names ${url}, where nothing answers (${errorText(error)})`;
    return { key: `${KEY}.url`, reason, kind: "out of reach" };
  }
  // Services trust the authorities of the cluster's registry by those of the cluster.
  const key = found.key.endsWith(".caFile") ? "kafkaCluster.caFile" : `${KEY}.url`;
  const reason = found.key.endsWith(".tls")
    ? `must begin with http: ${url} does not encrypt`
    : found.reason;
  return { key, reason, kind: "fault" };
}
