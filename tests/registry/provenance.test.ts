import assert from "node:assert/strict";
import { readContent } from "../../image/content-key.ts";
import { createProvenance, readProvenance } from "../../registry/provenance.ts";

const digest = `sha256:${"d".repeat(64)}`;
const commit = "c".repeat(40);
const source = "https://example.com/team/shop";
const content = readContent({
  context: "app",
  args: { MODE: "fast" },
  labels: { "org.opencontainers.image.source": source },
});
const bases = [{ name: "python:3.13-slim", uri: "pkg:docker/python@3.13-slim", digest: { sha256: "b".repeat(64) } }];
const making = {
  ...{ repository: "registry.example.com/team/shop", digest, content, commit, bases },
  ...{ secrets: ["TOKEN", "KEY"], stack: "organization/slipway/test", builder: "remote" },
};

describe("The provenance of an image", () => {
  it("says of which image, out of what, with which parameters, and who built it", () => {
    const statement = JSON.parse(createProvenance(making));
    assert.equal(statement._type, "https://in-toto.io/Statement/v1");
    assert.equal(statement.predicateType, "https://slsa.dev/provenance/v1");
    assert.deepEqual(statement.subject, [{ name: making.repository, digest: { sha256: "d".repeat(64) } }]);
    const { buildDefinition, runDetails } = statement.predicate;
    assert.deepEqual(buildDefinition.externalParameters, {
      contentKey: content.key,
      dockerfile: "Dockerfile",
      args: { MODE: "fast" },
      platforms: ["linux/amd64"],
      labels: content.labels,
      secrets: ["KEY", "TOKEN"],
    });
    assert.deepEqual(buildDefinition.internalParameters, { builder: "remote" });
    assert.deepEqual(buildDefinition.resolvedDependencies, [
      { name: "source", uri: `git+${source}`, digest: { gitCommit: commit } },
      ...bases,
    ]);
    const kept = JSON.parse(createProvenance({ ...making, content: { ...content, keepTimes: true } }));
    assert.equal(kept.predicate.buildDefinition.externalParameters.keepTimes, true);
    assert.deepEqual(runDetails, { builder: { id: "urn:slipway:stack:organization/slipway/test" } });
  });

  it("is the same each time, also from what was read again", () => {
    const read = readProvenance(createProvenance(making))?.bases ?? [];
    const turned = read.map((base) => Object.fromEntries(Object.entries(base).reverse()) as unknown as typeof base);
    assert.equal(createProvenance({ ...making, bases: turned }), createProvenance(making));
  });

  it("can be read again: key, commit, base images", () => {
    const read = { subjects: [digest], key: content.key, bases };
    assert.deepEqual(readProvenance(createProvenance(making)), { ...read, commit });
    for (const other of [`${commit}-dirty`, "unknown"])
      assert.deepEqual(readProvenance(createProvenance({ ...making, commit: other })), { ...read, commit: other });
    assert.equal(readProvenance(createProvenance({ ...making, commit: undefined }))?.commit, "unknown");
  });

  it("names no source where its commit is unknown", () => {
    for (const other of [undefined, "unknown"]) {
      const { predicate } = JSON.parse(createProvenance({ ...making, commit: other }));
      assert.deepEqual(predicate.buildDefinition.resolvedDependencies, bases);
    }
  });

  it("is not taken for the bare commit where the source had other changes", () => {
    const { predicate } = JSON.parse(createProvenance({ ...making, commit: `${commit}-dirty` }));
    assert.deepEqual(predicate.buildDefinition.resolvedDependencies[0], {
      name: "source",
      uri: `git+${source}`,
      digest: { gitCommit: commit },
      annotations: { uncommittedChanges: true },
    });
  });

  it("is nothing where the text is none", () => {
    for (const text of ["", "{}", "null", "not json", JSON.stringify({ subject: [] })])
      assert.equal(readProvenance(text), undefined);
  });
});
