import assert from "node:assert/strict";

import { merge } from "../../../certificates/pem";

const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

describe("bundles of certificates", () => {
  it("are merged with each certificate once, those of the first bundle in front", () => {
    const [ours, theirs, old] = ["ours", "theirs", "old"].map(pem);
    assert.equal(merge(theirs + ours, ours.trimEnd()), theirs + ours);
    assert.equal(merge(theirs, ours + theirs + old), theirs + ours + old);
    assert.equal(merge(theirs, ""), theirs);
  });
});
