/** The questions to a running stack. */
import { CouldNotTell, type HttpOptions, type RunningStack } from "./row";

type Look = (stack: RunningStack) => Promise<string>;

/** Finds lines in the broker's log about missing permissions to write or to change an owner. */
export const permissionErrors: Look = async ({ docker, container }) => {
  const { code, stdout, stderr } = await docker(["logs", container("redpanda")]);
  if (code !== 0) {
    throw new CouldNotTell(`docker logs: ${stderr.trim()}`);
  }
  const lines = `${stdout}\n${stderr}`.split("\n");
  const refused = lines.filter((line) =>
    /permission denied|not permitted|unable to chown/i.test(line),
  );
  return refused.slice(0, 3).join(" | ");
};

export const health =
  (role: "postgres" | "redis" | "redpanda" | "redpanda-console"): Look =>
  async ({ docker, container }) =>
    (
      await docker(["inspect", "--format", "{{.State.Health.Status}}", container(role)])
    ).stdout.trim();

/** Reads a cluster property of the broker, as JSON. */
export const clusterProperty =
  (key: string): Look =>
  async ({ http, urls, administrator }) => {
    // redpanda src/v/redpanda/admin/server.cc (v26.2): GET with `key` answers with that property only.
    const url = `${urls.admin}/v1/cluster_config?key=${key}`;
    const { status, body } = await http(url, { login: administrator });
    if (status === 404) {
      throw new CouldNotTell(`no ${url} here (404)`);
    }
    const value = status === 200 && (JSON.parse(body) as Record<string, unknown>)[key];
    return status === 200 ? JSON.stringify(value) : `status ${status}`;
  };

/** Sends requests to one server and lists their statuses. An unknown path counts as no answer. */
const statuses =
  (requests: (stack: RunningStack) => [url: string, options?: HttpOptions][]): Look =>
  async (stack) => {
    const seen: number[] = [];
    for (const [url, options] of requests(stack)) {
      const { status } = await stack.http(url, options);
      if ([404, 405, 501].includes(status)) {
        throw new CouldNotTell(`no ${options?.method ?? "GET"} ${url} here (${status})`);
      }
      seen.push(status);
    }
    return seen.join(" ");
  };

const wrong = { username: "platform-admin", password: "wrong" };

/** Asks without a login, with a wrong password, with the administrator's login, and for readiness without one. */
export const adminApiLogins: Look = statuses(({ urls, administrator }) => [
  [`${urls.admin}/v1/security/users`],
  [`${urls.admin}/v1/security/users`, { login: wrong }],
  [`${urls.admin}/v1/security/users`, { login: administrator }],
  [`${urls.admin}/v1/status/ready`],
]);

const user = (password: string) => ({
  username: "verify-real",
  password,
  algorithm: "SCRAM-SHA-256",
});

/** A service tries to create a user. */
export const serviceMakesUser: Look = statuses(({ urls, service }) => [
  [
    `${urls.admin}/v1/security/users`,
    { method: "POST", login: service, body: user("of-a-service") },
  ],
]);

/** Creates a user, changes its password, logs in with the old and the new one, and deletes the user. */
export const passwordRenewal: Look = statuses(({ urls, administrator }) => {
  const users = `${urls.admin}/v1/security/users`;
  const own = `${users}/verify-real`;
  const as = (password: string) => ({ login: { username: "verify-real", password } });
  return [
    [users, { method: "POST", login: administrator, body: user("first-password") }],
    [own, { method: "PUT", login: administrator, body: user("second-password") }],
    [users, as("first-password")],
    [users, as("second-password")],
    [own, { method: "DELETE", login: administrator }],
  ];
});

const SCHEMA = { schema: '"string"' };

/** A service registers a schema of another service's topic, and deletes it. */
export const foreignSchema: Look = statuses(({ urls, service }) => {
  const subject = `${urls.registry}/subjects/payment-events-value`;
  return [
    [`${subject}/versions`, { method: "POST", login: service, body: SCHEMA }],
    [subject, { method: "DELETE", login: service }],
  ];
});

/** Tries to delete a schema as a visitor of the Console's page, and says whether it still exists. */
export const schemaAfterConsole: Look = async ({ http, urls, service }) => {
  const subject = `${urls.registry}/subjects/verify-real-value`;
  const made = await http(`${subject}/versions`, {
    method: "POST",
    login: service,
    body: SCHEMA,
  });
  if (made.status !== 200) {
    throw new CouldNotTell(`the registry accepts no schema: status ${made.status}`);
  }
  // redpanda-data/console backend/pkg/api/routes.go (v3.10): DELETE /schema-registry/subjects/{subject}.
  const path = "/api/schema-registry/subjects/verify-real-value?permanent=false";
  const { status: answer } = await http(`${urls.console}${path}`, { method: "DELETE" });
  const { status } = await http(`${subject}/versions`, { login: service });
  await http(subject, { method: "DELETE", login: service });
  return status === 200 ? "still there" : `deleted (the Console answered ${answer})`;
};

export const hostAddress: Look = ({ postgresClientAddress }) => postgresClientAddress();

/** Adds up the memory of the stack's containers, in MiB. */
export const memoryMb: Look = async ({ docker, container }) => {
  const names = (["postgres", "redis", "redpanda", "redpanda-console"] as const).map(container);
  const all = [...names, `${container("redis")}-session`];
  const { stdout } = await docker(["stats", "--no-stream", "--format", "{{.MemUsage}}", ...all]);
  const used = [...stdout.matchAll(/^([\d.]+)(B|KiB|MiB|GiB)/gm)].map(
    ([, number, unit]) =>
      Number(number) * { B: 1 / 1024 ** 2, KiB: 1 / 1024, MiB: 1, GiB: 1024 }[unit]!,
  );
  if (used.length !== all.length || used.some((one) => one === 0)) {
    throw new CouldNotTell(`docker stats: ${stdout.trim() || "nothing"}`);
  }
  return `${Math.round(used.reduce((a, b) => a + b))} MiB`;
};

type CommandInfo = [name: string, arity: number, flags: string[], ...rest: unknown[]];
const KEY_SPECS = 8;
const SUBCOMMANDS = 9;

/** Lists the commands without a key that user-service may run; subcommands as `name|subcommand`. */
export const keylessCommands: Look = async ({ redis }) => {
  const allowed: string[] = [];
  const visit = async (info: CommandInfo) => {
    const [name, arity, flags] = info;
    const below = (info[SUBCOMMANDS] ?? []) as CommandInfo[];
    for (const child of below) {
      await visit(child);
    }
    const hasKeys = ((info[KEY_SPECS] ?? []) as unknown[]).length > 0;
    if (below.length > 0 || hasKeys || flags.map(String).includes("movablekeys")) {
      return;
    }
    const words = name.split("|");
    const fill = Array<string>(Math.max(0, Math.abs(arity) - words.length)).fill("1");
    if (String(await redis(["ACL", "DRYRUN", "user-service", ...words, ...fill])) === "OK") {
      allowed.push(name);
    }
  };
  for (const info of (await redis(["COMMAND"])) as CommandInfo[]) {
    await visit(info);
  }
  return allowed.sort().join(" ");
};
