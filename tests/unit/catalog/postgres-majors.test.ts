import assert from "node:assert/strict";

import {
  initdbArguments,
  majorOfImageName,
  majorOfVolume,
  POSTGRES_MAJORS,
  postgresVolume,
} from "../../../catalog/postgres-majors";

describe("the major versions of PostgreSQL", () => {
  it("have a volume each, and the first one that without a number", () => {
    assert.equal(postgresVolume("lp", 16), "lp-postgres-data");
    assert.equal(postgresVolume("lp", 17), "lp-postgres-17-data");
    for (const major of POSTGRES_MAJORS) {
      assert.equal(majorOfVolume(postgresVolume("lp-postgres", major)), major);
    }
  });

  it("are not read from volumes of other servers", () => {
    for (const name of ["lp-postgres-replica-1-data", "lp-redis-data", "lp-postgres-15-data"]) {
      assert.equal(majorOfVolume(name), undefined, name);
    }
  });

  it("are read from the names of official images", () => {
    const images: [string, number | undefined][] = [
      ["postgres:16-alpine", 16],
      ["postgres:17.2", 17],
      ["mirror.example:5000/library/postgres:18-alpine3.23", 18],
      ["ghcr.io/cloudnative-pg/postgresql:17.2-1", 17],
      ["postgres:alpine", undefined],
      [`postgres@sha256:${"1".repeat(64)}`, undefined],
      ["timescale/timescaledb:2.17.2-pg17", undefined],
      ["example/my-postgres:3", undefined],
    ];
    for (const [image, major] of images) {
      assert.equal(majorOfImageName(image), major, image);
    }
  });

  it("begin with a server that lets nobody in without a password", () => {
    assert.match(initdbArguments(true), /--auth-local=scram-sha-256 --auth-host=scram-sha-256$/);
    assert.match(initdbArguments(false), / --no-sync$/);
  });
});
