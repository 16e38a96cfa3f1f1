import assert from "node:assert/strict";
import { checkAttestations } from "../../../commands/releases/attestations.ts";
import type { Deployed } from "../../../commands/releases/release-table.ts";
import { createProvenance, provenanceType } from "../../../registry/provenance.ts";
import { attach } from "../../../registry/referrers.ts";
import { ImageRepository, imageManifest } from "../../../registry/repository.ts";
import { sbomType } from "../../../registry/sbom.ts";
import { RegistryProcess } from "../../registry/registry-process.ts";

const commit = "c".repeat(40);
const key = "0123456789abcdef".repeat(2);
const stranger = `sha256:${"9".repeat(64)}`;

describe("The check of attestations", () => {
  const registry = new RegistryProcess();
  let count = 0;
  let repository: ImageRepository;
  let digest: string;
  let sbom: string;
  let provenance: string;

  before(() => registry.start());
  after(() => registry.stop());

  const list = (described: string) => JSON.stringify({ metadata: { component: { version: described } } });
  const making = (change: { digest?: string; key?: string; commit?: string } = {}) =>
    createProvenance({
      repository: repository.name,
      digest,
      commit,
      secrets: [],
      stack: "organization/slipway/test",
      ...change,
      content: {
        key: change.key ?? key,
        dockerfile: "Dockerfile",
        args: {},
        platforms: ["linux/amd64"],
        labels: {},
        keepTimes: false,
      },
      bases: [{ name: "python:3.13-slim", digest: { sha256: "b".repeat(64) } }],
    });

  beforeEach(async () => {
    count += 1;
    repository = new ImageRepository(`${registry.address}/team/shop-${count}`);
    // A new image for each test, because the registry's repositories share their files.
    digest = await registry.image(`team/shop-${count}`, [], "v1.1", [`sha256:${String(count).padStart(64, "0")}`]);
    sbom = await attach(repository, digest, { type: sbomType, content: list(digest) });
    provenance = await attach(repository, digest, { type: provenanceType, content: making() });
  });

  /** Environments in which test built v1.1, and staging promoted it. */
  const environments = (recorded: object = {}): Deployed[] => {
    const image = `${repository.name}@${digest}`;
    const running = { name: "v1.1", commit };
    const built = { digest, commit, key, records: { sbom, provenance }, ...recorded };
    return [
      ["dev", { image: image.replace("v1.1", "v0.1"), running: { commit }, verified: {} }],
      ["test", { image, running, verified: { "v1.1": built } }],
      ["staging", { image, running, verified: { "v1.1": { digest, commit } } }],
      ["prod", undefined],
    ];
  };
  const problems = async (deployed = environments()) => (await checkAttestations(deployed)).get("v1.1");
  /** The same problem in both environments. */
  const inBoth = (problem: string) => ["test", "staging"].map((stack) => `v1.1 in ${stack}, ${digest}: ${problem}`);
  /** Replaces the image's attestations. */
  const attachOnly = async (...documents: { type: string; content: string }[]) => {
    const empty = JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: [] });
    await repository.pushManifest(digest.replace(":", "-"), index, empty);
    for (const document of documents) await attach(repository, digest, document);
  };
  const index = "application/vnd.oci.image.index.v1+json";

  it("compares a promoted release with the stack that built it", async () => {
    assert.deepEqual([...(await checkAttestations(environments()))], [["v1.1", []]]);
  });

  it("ignores stacks in which the name is another image's", async () => {
    const other = {
      digest: stranger,
      commit: "a".repeat(40),
      key: "f".repeat(32),
      records: { sbom: "x", provenance: "y" },
    };
    assert.deepEqual(await problems([["fork", { verified: { "v1.1": other } }], ...environments()]), []);
  });

  it("reports a missing attestation", async () => {
    await attachOnly({ type: provenanceType, content: making() });
    assert.deepEqual(await problems(), inBoth("the registry has no SBOM of it"));
    await attachOnly({ type: sbomType, content: list(digest) });
    assert.deepEqual(await problems(), inBoth("the registry has no provenance of it"));
  });

  it("reports an attestation other than the recorded one, even if it says the same", async () => {
    const content = `${list(digest)} `;
    await attachOnly({ type: sbomType, content }, { type: provenanceType, content: making() });
    const [first, second, ...rest] = (await problems()) ?? [];
    assert.match(first ?? "", /^v1\.1 in test, .*: its SBOM is not the one that was recorded: sha256:\w+, recorded is/);
    assert.ok(first?.endsWith(sbom));
    assert.match(second ?? "", /in staging/);
    assert.deepEqual(rest, []);
  });

  it("ignores attestations that others attached", async () => {
    await attach(repository, digest, { type: sbomType, content: list(stranger) });
    assert.deepEqual(await problems(), []);
  });

  it("reports an attestation whose text was changed", async () => {
    registry.overwrite(sbom, list(stranger));
    assert.deepEqual(await problems(), inBoth(`its SBOM ${sbom} is gone, or no longer what its digest says`));
  });

  it("reports an attestation that is attached to another image", async () => {
    const other = await registry.image(`team/shop-${count}`, [], undefined, [stranger]);
    await attach(repository, other, { type: sbomType, content: list(digest) });
    const moved = await repository.manifest(other.replace(":", "-"));
    const original = await repository.manifest(digest.replace(":", "-"));
    const [, its] = JSON.parse(original?.body ?? "{}").manifests;
    const [foreign] = JSON.parse(moved?.body ?? "{}").manifests;
    const body = JSON.stringify({ schemaVersion: 2, mediaType: index, manifests: [its, foreign] });
    await repository.pushManifest(digest.replace(":", "-"), index, body);
    assert.deepEqual(await problems(), inBoth(`its SBOM is attached to another image: ${other}`));
  });

  const contradictions: [string, () => string, string][] = [
    ["image", () => making({ digest: stranger }), `is of another image: ${stranger}`],
    ["content key", () => making({ key: "f".repeat(32) }), `says content key ${"f".repeat(32)}, recorded is ${key}`],
    ["commit", () => making({ commit: "a".repeat(40) }), `says commit ${"a".repeat(40)}, recorded is ${commit}`],
    [
      "base image",
      () => making().replace(/"digest":\{"sha256":"b+"\}/, '"digest":{}'),
      "leaves out the digest of a base image",
    ],
    ["format", () => "{}", "is not one that an update writes"],
  ];
  for (const [what, content, problem] of contradictions)
    it(`reports a provenance with another ${what}`, async () => {
      await attachOnly({ type: sbomType, content: list(digest) });
      provenance = await attach(repository, digest, { type: provenanceType, content: content() });
      assert.deepEqual(await problems(), inBoth(`its provenance ${problem}`));
    });

  it("reports an SBOM of another image", async () => {
    sbom = await attach(repository, digest, { type: sbomType, content: list(stranger) });
    assert.deepEqual(await problems(), inBoth(`its SBOM describes another image: ${stranger}`));
  });

  it("reports a tag that moved or is gone", async () => {
    const manifest = JSON.parse((await repository.manifest(digest))?.body ?? "{}");
    const body = JSON.stringify({ ...manifest, annotations: { moved: "yes" } });
    await repository.pushManifest("v1.1", imageManifest, body);
    const now = (await repository.manifest("v1.1"))?.digest;
    assert.deepEqual(await problems(), inBoth(`${repository.name}:v1.1 is ${now} now`));
    await registry.delete(`team/shop-${count}`, now ?? "");
    assert.deepEqual(await problems(), inBoth(`${repository.name}:v1.1 is gone`));
  });

  it("reports an image that the stack itself has not verified", async () => {
    const deployed = environments({ digest: stranger });
    assert.deepEqual((await problems(deployed))?.[0], `v1.1 in test, ${digest}: it was verified there as ${stranger}`);
  });

  it("checks only the contents if no stack recorded the attestations", async () => {
    const [, , , prod] = environments();
    const image = `${repository.name}@${digest}`;
    const broken = {
      image,
      running: { name: "v1.1", commit: "unknown", breakGlass: "the outage of 3 May" },
      verified: {},
    };
    assert.deepEqual(await problems([["prod", broken], prod as Deployed]), []);
    assert.deepEqual(await problems(environments({ records: undefined })), []);
    await attachOnly();
    assert.equal((await problems([["prod", broken]]))?.length, 2);
  });

  it("chooses the provenance of the recorded commit if several commits built the same image", async () => {
    const other = making({ commit: "a".repeat(40) });
    await attachOnly(
      { type: sbomType, content: list(digest) },
      { type: provenanceType, content: other },
      { type: provenanceType, content: making() },
    );
    for (const records of [undefined, { sbom, provenance }])
      assert.deepEqual(await problems(environments({ records })), []);
  });

  it("reports a registry that does not answer", async () => {
    const image = `127.0.0.1:1/team/shop@${digest}`;
    const reported = await problems([["test", { image, running: { name: "v1.1", commit }, verified: {} }]]);
    assert.match(
      reported?.[0] ?? "",
      /^v1\.1 in test, .*: its attestations can't be checked: the registry 127\.0\.0\.1:1 can't be/,
    );
    assert.equal(reported?.length, 1);
  });
});
