import assert from "node:assert/strict";

import { seedOf, type SeedResource } from "../../../../cli/backup/content/seed";
import { TYPES } from "../../../../cli/resource-types";

const urn = (type: string, name: string) => `urn:pulumi:dev::learning-platform::${type}::${name}`;
const resource = (type: string, name: string, more: Partial<SeedResource> = {}): SeedResource => ({
  ...{ urn: urn(type, name), type, custom: true, ...more },
});

const stack = resource(TYPES.stack, "dev", { custom: false });
const password = resource(TYPES.password, "a");
const volume = resource(TYPES.volume, "data");
const container = resource(TYPES.container, "postgres", {
  dependencies: [volume.urn, password.urn],
});
const provider = resource("pulumi:providers:postgresql", "p", { dependencies: [container.urn] });
const database = resource(TYPES.database, "db", { deletedWith: volume.urn });
const rights = resource(TYPES.databaseRights, "r", { dependencies: [database.urn] });
const authority = resource("pulumi-nodejs:dynamic/tls:CertificateAuthority", "ca");

describe("What a new stack begins with", () => {
  it("is its passwords and authority, where everything was in containers", () => {
    const seeded = seedOf([
      stack,
      password,
      authority,
      volume,
      container,
      provider,
      database,
      rights,
    ]);
    assert.deepEqual(
      seeded.map(({ urn: name }) => name),
      [stack, password, authority, provider].map(({ urn: name }) => name),
    );
    assert.deepEqual(seeded.at(-1)?.dependencies, [], "nothing points to what is gone");
  });

  it("is everything on servers that exist, too", () => {
    const there = resource(TYPES.database, "db", {
      propertyDependencies: { owner: [password.urn] },
    });
    const on = { ...rights, dependencies: [there.urn] };
    assert.deepEqual(seedOf([stack, password, there, on]), [stack, password, there, on]);
  });

  it("is nothing that a replacement left to be deleted", () => {
    assert.deepEqual(seedOf([stack, { ...password, delete: true }]), [stack]);
  });
});
