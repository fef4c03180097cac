import assert from "node:assert/strict";

import { stackConfiguration } from "../../../../cli/stack/settings";
import { configuredImages } from "../../../../cli/update/prepare-machine";

describe("the images that a new machine needs", () => {
  const config = stackConfiguration("dev");

  it("are those of all containers, each once", () => {
    assert.deepStrictEqual(configuredImages(config), [
      { kind: "postgres", name: "postgres:16-alpine" },
      { kind: "redis", name: "redis:7.4-alpine" },
      { kind: "redpanda", name: "docker.redpanda.com/redpandadata/redpanda:v26.2.3" },
      { kind: "console", name: "docker.redpanda.com/redpandadata/console:v3.12.0" },
    ]);
  });

  it("come from the mirror that the configuration names", () => {
    const mirrored = configuredImages({ ...config, imageRegistry: "mirror.example:5000" });
    assert.deepStrictEqual(
      mirrored.map(({ name }) => name),
      [
        "mirror.example:5000/library/postgres:16-alpine",
        "mirror.example:5000/library/redis:7.4-alpine",
        "mirror.example:5000/redpandadata/redpanda:v26.2.3",
        "mirror.example:5000/redpandadata/console:v3.12.0",
      ],
    );
  });
});
