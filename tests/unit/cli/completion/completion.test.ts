import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

import { createCommandLine } from "../../../../cli/command-table";
import { bashScript } from "../../../../cli/completion/bash";
import { completionsOf } from "../../../../cli/completion/words";
import { ROOT } from "../../../../cli/paths";

const KNOWN = { topic: ["user-events", "user-events-dlq"], database: ["user_service_db"] };
const SCRIPT = bashScript(
  ROOT,
  ["up", "status", "lint"],
  completionsOf(createCommandLine(), KNOWN),
);

/** What bash offers for a command line whose last word is being typed. */
function offered(words: string[], cwd = ROOT, before = ""): string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const { stdout, stderr, status } = spawnSync(
    "bash",
    [
      "--norc",
      "-c",
      `${before}\n${SCRIPT}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
      $(complete -p npm | sed 's/.*-F \\([^ ]*\\).*/\\1/') npm; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ],
    { cwd, encoding: "utf8" },
  );
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout.split("\n").filter(Boolean);
}

describe("the completion of bash", () => {
  const cases: [line: string, offered: string[]][] = [
    ["npm run sta", ["status"]],
    ["npm run li", ["lint"]],
    ["npm run env ", ["--"]],
    ["npm run env -- us", ["user-service"]],
    ["npm run -s env -- user-service --fo", ["--format"]],
    ["npm run env -- user-service --format ", ["dotenv", "json", "shell", "spring", "properties"]],
    ["npm run env -- user-service --output ", []],
    ["npm run topic -- ta", ["tail"]],
    ["npm run topic -- tail user-events-", ["user-events-dlq"]],
    ["npm run topic -- tail user-events --as pay", ["payment-service"]],
    ["npm run psql -- use", ["user_service_db"]],
    ["npm run psql -- user_service_db --as a", ["app", "admin"]],
    ["npm run migrations -- repair user_service_db --acc", ["--accept", "--accept-drift"]],
    ["npm run lint -- ", []],
    ["npm install ", []],
  ];
  for (const [line, expected] of cases) {
    it(`offers ${expected.join(", ") || "nothing of its own"} after "${line}"`, () =>
      assert.deepEqual(offered(line.split(" ")), expected));
  }

  it("leaves other command lines, and other folders, to npm's own completion", () => {
    const npmOwn = "_npm_completion() { COMPREPLY=(own); }";
    assert.deepEqual(offered(["npm", "install", ""], ROOT, npmOwn), ["own"]);
    assert.deepEqual(offered(["npm", "run", "sta"], "/", npmOwn), ["own"]);
    assert.deepEqual(offered(["npm", "run", "sta"], ROOT, npmOwn), ["status"]);
  });
});
