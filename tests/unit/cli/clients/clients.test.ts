import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";

import { inContainer } from "../../../../cli/clients/in-container";
import { psqlProgram } from "../../../../cli/clients/psql";
import { redisProgram } from "../../../../cli/clients/redis-cli";
import { withTrustedFile } from "../../../../cli/clients/trusted-file";
import { PEM } from "../connections/support";

const LOGIN = { host: "db.example", port: 6432, username: "app", password: "S3cret" };
const DATABASE = { ...LOGIN, database: "user_service_db" };
const CLEAR = { isEncrypted: false };

describe("a client on a server of the stack", () => {
  const programs = {
    "psql in a container": psqlProgram(DATABASE, { container: "lp-postgres" }, ["-c", "x"], CLEAR),
    "psql of this machine": psqlProgram(DATABASE, {}, ["-c", "x"], CLEAR),
    "redis-cli in a container": redisProgram(
      { ...LOGIN, isEncrypted: true },
      { container: "lp-redis" },
      ["get", "x"],
    ),
    "redis-cli of this machine": redisProgram({ ...LOGIN, isEncrypted: true }, {}, ["get", "x"]),
  };
  for (const [title, { args, env }] of Object.entries(programs)) {
    it(`gets the password by its environment alone: ${title}`, () => {
      assert.ok(!args.some((argument) => argument.includes(LOGIN.password)), args.join(" "));
      assert.ok(Object.values(env ?? {}).includes(LOGIN.password));
      assert.deepEqual(args.slice(-2).at(-1), "x");
    });
  }

  it("runs in the container with a terminal only where there is one", () => {
    const secrets = { PGPASSWORD: "x" };
    assert.deepEqual(inContainer("c", ["psql"], secrets, true).args, [
      ...["exec", "--interactive", "--tty", "--env", "PGPASSWORD", "c", "psql"],
    ]);
    assert.deepEqual(inContainer("c", ["psql"], secrets, false).args, [
      ...["exec", "--interactive", "--env", "PGPASSWORD", "c", "psql"],
    ]);
  });

  it("verifies a server elsewhere, by the stack's authorities or the system's", () => {
    const isEncrypted = true;
    const psql = (trustedFile?: string) =>
      psqlProgram(DATABASE, {}, [], { isEncrypted, trustedFile }).env;
    assert.equal(psql("/x/ca.crt")?.PGSSLMODE, "verify-full");
    assert.equal(psql("/x/ca.crt")?.PGSSLROOTCERT, "/x/ca.crt");
    assert.equal(psql()?.PGSSLROOTCERT, "system");
    const redis = (file?: string) => redisProgram({ ...LOGIN, isEncrypted }, {}, [], file).args;
    assert.ok(redis("/x/ca.crt").join(" ").includes("--tls --cacert /x/ca.crt"));
    assert.ok(!redis().includes("--cacert"));
  });

  it("has the file of authorities as long as it runs", async () => {
    const seen = await withTrustedFile(PEM, (file) =>
      Promise.resolve({ file: file!, text: readFileSync(file!, "utf8") }),
    );
    assert.equal(seen.text, PEM);
    assert.ok(!existsSync(seen.file));
    assert.equal(await withTrustedFile(undefined, (file) => Promise.resolve(file)), undefined);
  });
});
