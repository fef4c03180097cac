import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";

import { parse } from "dotenv";

import { FORMATS } from "../../../../cli/connections/formats";
import { settingsOf, variableName } from "../../../../cli/connections/settings";
import type { ServiceConnections } from "../../../../contract/connections";
import { withFolder } from "../support/folder";
import { AWKWARD, connectionsWith, EVERY_QUOTE, PEM } from "./support";

const SERVICE = "user-service";
const PRINT = "process.stdout.write(JSON.stringify(process.env))";

/** Every variable that a service gets, as the real reader of a format understands the text. */
type Read = (text: string) => Record<string, string | undefined>;

const READERS: Record<string, Read> = {
  dotenv: (text) => parse(text),
  "node --env-file": (text) =>
    withFolder((folder) => {
      writeFileSync(path.join(folder, "file.env"), text);
      return printed(process.execPath, ["--env-file=file.env", "-e", PRINT], folder);
    }),
  sh: (text) => printed("sh", ["-c", `${text}\nexec "$0" -e '${PRINT}'`, process.execPath]),
};

function printed(command: string, args: string[], cwd?: string): Record<string, string> {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd, encoding: "utf8", env: {} });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Record<string, string>;
}

const PASSWORDS = {
  "an ordinary password": "abc123",
  "a password with quotes, spaces, $ and #": AWKWARD,
  "a password that is a mask": "********",
  "an empty password": "",
};

describe("variables with what a service connects with", () => {
  const cases = [
    ["dotenv", "dotenv"],
    ["dotenv", "node --env-file"],
    ["shell", "sh"],
  ] as const;
  for (const [format, reader] of cases) {
    for (const [title, password] of Object.entries(PASSWORDS)) {
      it(`in the format ${format} give ${reader} the same, with ${title}`, () => {
        const connections = connectionsWith(password, { trustedCertificates: PEM });
        const found = READERS[reader](FORMATS[format](SERVICE, connections));
        assertSame(found, connections);
      });
    }
  }

  it("give sh a password with every kind of quotes", () => {
    const connections = connectionsWith(EVERY_QUOTE);
    assertSame(READERS.sh(FORMATS.shell(SERVICE, connections)), connections);
  });

  it("refuse that password in an env file, and name the formats that can hold it", () => {
    assert.throws(
      () => FORMATS.dotenv(SERVICE, connectionsWith(EVERY_QUOTE)),
      /PLATFORM_USER_SERVICE_DATABASE_PASSWORD.*--format json or shell/s,
    );
  });

  it("hold the JSON in an env file so that docker, which takes a line as it is, gets JSON too", () => {
    const connections = connectionsWith(AWKWARD, { trustedCertificates: PEM });
    const text = FORMATS.dotenv(SERVICE, connections);
    const line = text.split("\n").find((each) => each.startsWith("PLATFORM_USER_SERVICE="))!;
    assert.deepEqual(JSON.parse(line.replace("PLATFORM_USER_SERVICE=", "")), connections);
    assert.ok(
      text
        .trimEnd()
        .split("\n")
        .every((each) => /^PLATFORM_USER_SERVICE\w*=/.test(each)),
    );
  });

  it("have the names of the documentation", () => {
    assert.equal(variableName("agent-orchestrator"), "PLATFORM_AGENT_ORCHESTRATOR");
    assert.equal(
      variableName("user-service", ["database", "jdbcUrl"]),
      "PLATFORM_USER_SERVICE_DATABASE_JDBC_URL",
    );
    const names = settingsOf(connectionsWith("x")).map((each) => variableName(SERVICE, each.path));
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes("PLATFORM_USER_SERVICE_CACHE_TTL_SECONDS_USERS"));
    assert.ok(names.includes("PLATFORM_USER_SERVICE_DATABASE_POOL_MAXIMUM_POOL_SIZE"));
  });
});

/** One variable with everything as JSON, and one for each setting. */
function assertSame(found: ReturnType<Read>, connections: ServiceConnections): void {
  const own = Object.fromEntries(
    Object.entries(found).filter(([name]) => name.startsWith("PLATFORM_")),
  );
  assert.deepEqual(JSON.parse(own.PLATFORM_USER_SERVICE!), connections);
  delete own.PLATFORM_USER_SERVICE;
  const expected = settingsOf(connections).map(({ path: parts, value }) => [
    variableName(SERVICE, parts),
    String(value),
  ]);
  assert.deepEqual(own, Object.fromEntries(expected));
}
