import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "dotenv";

import { FORMATS } from "../../../cli/connections/formats";
import { masked } from "../../../cli/connections/mask";
import { readSettings, SettingsError } from "../../../client/src/settings";
import { connectionsWith, PEM } from "../cli/connections/support";

const connections = connectionsWith("a-password", { trustedCertificates: PEM });
const JSON_TEXT = JSON.stringify(connections);

/** @param test of the message; it never holds a password */
const refuses = (environment: Record<string, string>, test: RegExp) =>
  assert.throws(
    () => readSettings("user-service", environment),
    (error: Error) => {
      assert.ok(error instanceof SettingsError);
      assert.match(error.message, test);
      assert.ok(!error.message.includes(connections.database.password), error.message);
      return true;
    },
  );

describe("Settings of a service", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "client-settings-"))));
  after(() => rmSync(folder, { recursive: true }));

  const fileOf = (mode: number, text = JSON_TEXT) => {
    const file = join(folder, `settings-${mode.toString(8)}.json`);
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };

  it("come from one variable", () => {
    assert.deepEqual(
      readSettings("user-service", { PLATFORM_USER_SERVICE: JSON_TEXT }),
      connections,
    );
  });

  it("come from a file that only its owner can read", () => {
    assert.deepEqual(
      readSettings("user-service", { PLATFORM_USER_SERVICE_FILE: fileOf(0o600) }),
      connections,
    );
  });

  for (const mode of [0o640, 0o604, 0o644, 0o660]) {
    it(`are refused in a file of mode 0${mode.toString(8)}`, () =>
      refuses(
        { PLATFORM_USER_SERVICE_FILE: fileOf(mode) },
        new RegExp(`its mode is 0${mode.toString(8)}. Run: chmod 600 `),
      ));
  }

  it("come from what npm run env writes: an env file, and JSON", () => {
    const variables = parse(FORMATS.dotenv("user-service", connections));
    assert.deepEqual(readSettings("user-service", variables), connections);
    const file = fileOf(0o600, FORMATS.json("user-service", connections));
    assert.deepEqual(
      readSettings("user-service", { PLATFORM_USER_SERVICE_FILE: file }),
      connections,
    );
  });

  it("are refused with masked passwords, as npm run env writes them by itself", () =>
    refuses(
      parse(FORMATS.dotenv("user-service", masked(connections))),
      /has masked passwords.*--show-secrets$/,
    ));

  it("name the command that writes them, if there are none", () => {
    refuses({}, /PLATFORM_USER_SERVICE.*npm run env -- user-service/);
    refuses({ PLATFORM_USER_SERVICE: "" }, /not JSON.*npm run env -- user-service/);
  });

  it("name each key that is missing or wrong, and the command", () => {
    const database = { ...connections.database, name: undefined, port: "5432" };
    const broken = { ...connections, database };
    const environment = { PLATFORM_USER_SERVICE: JSON.stringify(broken) };
    refuses(environment, /^- database\.port: .*expected number/m);
    refuses(environment, /^- database\.name: .*undefined/m);
    refuses(environment, /npm run env -- user-service --show-secrets$/);
  });

  it("do not appear in the message when they are cut off", () =>
    refuses({ PLATFORM_USER_SERVICE: JSON_TEXT.slice(0, 400) }, /is not JSON/));

  it("say which file cannot be read", () =>
    refuses({ PLATFORM_USER_SERVICE_FILE: join(folder, "none") }, /none cannot be read: ENOENT/));

  it("leave out what a newer platform adds", () => {
    const newer = { ...connections, vault: { url: "https://vault" } };
    assert.deepEqual(
      readSettings("user-service", { PLATFORM_USER_SERVICE: JSON.stringify(newer) }),
      connections,
    );
  });
});
