import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { dynamicProvider } from "../../../../components/platform/dynamic-provider";
import { type Recorded, TYPES } from "../../support/mocks";
import { devProgram, loading, ROOT } from "../../support/program";

const MODULES = {
  [TYPES.redisUser]: "components/providers/redis-user.ts",
  [TYPES.migrations]: "components/providers/schema-migrations.ts",
};

/** What the state would keep of a provider. */
const serialised = async (provider: pulumi.dynamic.ResourceProvider) =>
  (await pulumi.runtime.serializeFunction(() => provider)).text;

describe("a provider whose code is in the checkout", () => {
  it(
    "is a short text in the state that names its module by a relative path",
    loading(async () => {
      const text = await serialised(dynamicProvider("components/providers/redis-user.ts"));
      assert.ok(text.length < 3_000, `${text.length} characters`);
      assert.ok(text.includes('"components/providers/redis-user.ts"'));
      assert.ok(!text.includes(ROOT), "holds a path of this machine");
    }),
  );

  it("captures nothing but the module's path, so that its text differs by that alone", async () => {
    const one = await serialised(dynamicProvider("components/providers/a.ts"));
    const other = await serialised(dynamicProvider("components/providers/b.ts"));
    assert.strictEqual(one.replaceAll("providers/a.ts", "providers/b.ts"), other);
    const captured = [...one.matchAll(/with\(\{ (.*?), this:/g)].map(([, names]) =>
      names.replace(/^\w+: /, ""),
    );
    const [module, ...others] = [...new Set(captured)];
    assert.strictEqual(module, '"components/providers/a.ts"');
    // The rest are the serialised functions themselves and the object that holds them.
    assert.ok(
      others.every((value) => /^__(f\d+|provider)$/.test(value)),
      others.join(),
    );
  });

  it("loads the current module from the program's folder and passes its arguments on", async () => {
    const provider = dynamicProvider("components/providers/redis-user.ts");
    const inputs = { host: "localhost", port: 1 };
    assert.deepStrictEqual(await provider.check?.({}, inputs), { inputs });
    const same = await provider.diff?.("id", { ...inputs, drifted: false }, inputs);
    assert.deepStrictEqual(same?.replaces, []);
    assert.strictEqual(same?.changes, false);
  });

  describe("in the program", () => {
    let recorded: Recorded;
    before(loading(async () => ({ recorded } = await devProgram())));

    for (const [type, module] of Object.entries(MODULES)) {
      it(`of ${type} is the same text for all, contains no secret and names a module that exists`, () => {
        const texts = new Set(recorded.all(type).map(({ inputs }) => String(inputs.__provider)));
        assert.strictEqual(texts.size, 1);
        const [text] = texts;
        assert.ok(text.includes(`"${module}"`));
        assert.ok(existsSync(path.join(ROOT, module)));
        for (const { secretInputs } of recorded.all(type)) {
          assert.ok(!secretInputs.includes("__provider"));
        }
      });
    }
  });
});
