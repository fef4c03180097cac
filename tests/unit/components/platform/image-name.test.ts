import assert from "node:assert/strict";

import { imageName } from "../../../../components/platform/image-name";

describe("the name of an image", () => {
  const cases: [image: string, registry: string, pulled: string][] = [
    ["postgres:16-alpine", "", "postgres:16-alpine"],
    ["postgres:16-alpine", "mirror.example", "mirror.example/library/postgres:16-alpine"],
    ["postgres:16-alpine", "mirror:5000/hub", "mirror:5000/hub/library/postgres:16-alpine"],
    ["bitnami/redis:7.4", "mirror.example", "mirror.example/bitnami/redis:7.4"],
    [
      "docker.redpanda.com/redpandadata/redpanda:v26.2.3",
      "mirror.example/rp",
      "mirror.example/rp/redpandadata/redpanda:v26.2.3",
    ],
    ["localhost:5000/team/redis:7.4", "mirror.example", "mirror.example/team/redis:7.4"],
    ["localhost/redis:7.4", "mirror.example", "mirror.example/redis:7.4"],
    [
      `postgres@sha256:${"a".repeat(64)}`,
      "mirror.example",
      `mirror.example/library/postgres@sha256:${"a".repeat(64)}`,
    ],
  ];
  for (const [image, registry, pulled] of cases) {
    it(`of ${image} ${registry ? `on the mirror ${registry}` : "without a mirror"} is ${pulled}`, () => {
      assert.strictEqual(imageName(image, registry), pulled);
    });
  }
});
