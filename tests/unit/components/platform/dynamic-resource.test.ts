import assert from "node:assert/strict";

import { providerText } from "../../../../components/platform/dynamic-resource";
import { PROVIDERS } from "../../../../components/providers";
import { UNKNOWN_SECRET } from "../../../../config-servers";
import { type Recorded, TYPES } from "../../support/mocks";
import { devProgram, loading, runProgram } from "../../support/program";

type Plugin = { handler: () => (typeof PROVIDERS)[string] };

/** Evaluates a text as Pulumi's plugin does. */
function evaluate(text: string): Plugin {
  const exports = {} as Plugin;
  new Function("exports", "require", text)(exports, require);
  return exports;
}

/** The name that the text of a provider holds. */
const nameIn = (text: string) => /load-provider\.js"\)\("([\w-]+)"\);$/.exec(text)?.[1];

describe("a resource whose provider is in the checkout", () => {
  it("is known to the state by a short text that names the provider", () => {
    assert.strictEqual(
      providerText("redis-user"),
      'exports.handler = () => require(process.cwd() + "/runtime/load-provider.js")("redis-user");',
    );
  });

  it("has a text that loads the current provider", async () => {
    const provider = evaluate(providerText("redis-user")).handler();
    const inputs = { host: "localhost", port: 1 };
    assert.deepStrictEqual(await provider.check?.({}, inputs), { inputs });
    const same = await provider.diff?.("id", { ...inputs, drifted: false }, inputs);
    assert.deepStrictEqual(same?.replaces, []);
    assert.strictEqual(same?.changes, false);
  }).timeout(30_000);

  it("is refused by name where the checkout has no such provider", () => {
    assert.throws(
      () => evaluate(providerText("gone")).handler(),
      new Error("There is no provider gone in components/providers.ts."),
    );
  });

  describe("in the program", () => {
    const types = Object.values(TYPES).filter((type) => type.startsWith("pulumi-nodejs:dynamic/"));
    let programs: Recorded[];
    before(
      loading(async () => {
        const { recorded: plain } = await devProgram();
        const { recorded: encrypted } = await runProgram("encrypted", {
          ...{ tls: true, postgresReplicas: 1, redisSessionReplica: true, redisCacheCluster: true },
        });
        // The program asks no server whose password it does not know.
        const server = { host: "db.example", username: "admin", password: UNKNOWN_SECRET };
        const { recorded: existing } = await runProgram("existing", { postgresServer: server });
        const { recorded: three } = await runProgram("three", { brokers: 3 });
        programs = [plain, encrypted, existing, three];
      }),
    );

    for (const type of types) {
      it(`of ${type} has the same text for all, which names a provider and is not secret`, () => {
        const all = programs.flatMap((program) => program.all(type));
        const [text, ...others] = new Set(all.map(({ inputs }) => String(inputs.__provider)));
        assert.deepStrictEqual(others, []);
        const name = nameIn(text);
        assert.ok(name !== undefined && Object.hasOwn(PROVIDERS, name), text);
        assert.ok(all.every(({ secretInputs }) => !secretInputs.includes("__provider")));
      });
    }

    it("uses every provider that there is", () => {
      const texts = types.flatMap((type) =>
        programs.flatMap((program) => program.all(type).map(({ inputs }) => inputs.__provider)),
      );
      const used = new Set(texts.map((text) => nameIn(String(text))));
      assert.deepStrictEqual([...used].sort(), Object.keys(PROVIDERS).sort());
    });
  });
});
