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
const facts = {
  repository: "registry.example.com/team/shop",
  digest,
  content,
  commit,
  bases,
  secrets: ["TOKEN", "KEY"],
  stack: "organization/slipway/test",
  builder: "remote",
};

describe("The provenance of an image", () => {
  it("names the image, its sources, the parameters and the builder", () => {
    const statement = JSON.parse(createProvenance(facts));
    assert.equal(statement._type, "https://in-toto.io/Statement/v1");
    assert.equal(statement.predicateType, "https://slsa.dev/provenance/v1");
    assert.deepEqual(statement.subject, [{ name: facts.repository, digest: { sha256: "d".repeat(64) } }]);
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
    const withTimes = JSON.parse(createProvenance({ ...facts, content: { ...content, keepTimes: true } }));
    assert.equal(withTimes.predicate.buildDefinition.externalParameters.keepTimes, true);
    assert.deepEqual(runDetails, { builder: { id: "urn:slipway:stack:organization/slipway/test" } });
  });

  it("is the same each time, also with base images from an earlier one", () => {
    const written = createProvenance(facts);
    const { predicate, ...statement } = JSON.parse(written);
    const [source, ...others] = predicate.buildDefinition.resolvedDependencies;
    const reordered = others.map((base: object) => Object.fromEntries(Object.entries(base).reverse()));
    predicate.buildDefinition.resolvedDependencies = [source, ...reordered];
    const read = readProvenance(JSON.stringify({ ...statement, predicate }))?.bases ?? [];
    assert.equal(createProvenance({ ...facts, bases: read }), written);
  });

  it("can be parsed: key, commit and base images", () => {
    const read = { subjects: [digest], key: content.key, bases };
    assert.deepEqual(readProvenance(createProvenance(facts)), { ...read, commit });
    for (const other of [`${commit}-dirty`, "unknown"])
      assert.deepEqual(readProvenance(createProvenance({ ...facts, commit: other })), { ...read, commit: other });
    assert.equal(readProvenance(createProvenance({ ...facts, commit: undefined }))?.commit, "unknown");
  });

  it("names no source if the commit is unknown", () => {
    for (const other of [undefined, "unknown"]) {
      const { predicate } = JSON.parse(createProvenance({ ...facts, commit: other }));
      assert.deepEqual(predicate.buildDefinition.resolvedDependencies, bases);
    }
  });

  it("says if the source had uncommitted changes", () => {
    const { predicate } = JSON.parse(createProvenance({ ...facts, commit: `${commit}-dirty` }));
    assert.deepEqual(predicate.buildDefinition.resolvedDependencies[0], {
      name: "source",
      uri: `git+${source}`,
      digest: { gitCommit: commit },
      annotations: { uncommittedChanges: true },
    });
  });

  it("is undefined for any other text", () => {
    for (const text of ["", "{}", "null", "not json", JSON.stringify({ subject: [] })])
      assert.equal(readProvenance(text), undefined);
  });
});
