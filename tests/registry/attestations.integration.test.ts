import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { gzipSync } from "node:zlib";
import { readContent } from "../../image/content-key.ts";
import { type Attestations, attest, type PushedImage } from "../../registry/attestations.ts";
import { provenanceType, readProvenance } from "../../registry/provenance.ts";
import { attach, attachments } from "../../registry/referrers.ts";
import { type ImageRepository, imageIndex, sha256 } from "../../registry/repository.ts";
import { sbomType } from "../../registry/sbom.ts";
import { searchPath } from "../../sandbox/paths.ts";
import { UserError } from "../../settings/user-error.ts";
import { RegistryProcess } from "./registry-process.ts";

const gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
const commit = "c".repeat(40);

describe("Attestations of an image", function () {
  this.timeout(60_000); // syft reads the image
  const registry = new RegistryProcess();
  const folder = mkdtempSync(join(tmpdir(), "slipway-attestations-"));
  const path = process.env.PATH;
  let programs = searchPath(path);
  let repository: ImageRepository;
  let base: string;
  let debian: Buffer<ArrayBuffer>;
  let image: PushedImage;
  let first: Attestations;

  /** An archive with one file. */
  const layer = (file: string, text: string) => {
    const root = mkdtempSync(join(folder, "layer-"));
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), text);
    return execFileSync("tar", ["--create", "--directory", root, "--mtime=@0", "--sort=name", "."]);
  };
  const push = (name: string, tag: string | undefined, ...layers: Buffer<ArrayBuffer>[]) => {
    const compressed = layers.map((content) => ({ mediaType: gzip, content: gzipSync(content) }));
    return registry.image(name, compressed, tag, layers.map(sha256));
  };

  before(async () => {
    process.env.PATH = programs;
    await registry.start();
    debian = layer("etc/os-release", 'ID=debian\nVERSION_ID="13"\n');
    base = await push("library/base", "1", debian);
    const metadata = "venv/lib/python3.13/site-packages/fastapi-0.1.2.dist-info/METADATA";
    const fastapi = layer(metadata, "Metadata-Version: 2.1\nName: fastapi\nVersion: 0.1.2\n");
    const digest = await push("team/shop", undefined, debian, fastapi);
    mkdirSync(join(folder, "app"));
    writeFileSync(join(folder, "app/Dockerfile"), `FROM ${registry.address}/library/base:1\n`);
    const content = readContent({ context: join(folder, "app") });
    repository = registry.repository("team/shop");
    image = { repository: repository.name, digest, content, commit, secrets: [], stack: "organization/slipway/test" };
  });
  after(() => {
    process.env.PATH = path;
    registry.stop();
    rmSync(folder, { recursive: true });
  });

  const withoutSyft = async (work: () => Promise<void>) => {
    process.env.PATH = "";
    await work().finally(() => {
      process.env.PATH = programs;
    });
  };
  /** Replaces syft, which takes a second, by a script that prints an SBOM. */
  const simulateSyft = (sbom: string) => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "sbom.json"), sbom);
    writeFileSync(join(bin, "syft"), `#!/bin/sh\ncat ${join(bin, "sbom.json")}\n`, { mode: 0o755 });
    process.env.PATH = programs = [bin, programs].join(delimiter);
  };
  const documents = async (type: string) =>
    (await attachments(repository, image.digest, type)).map(({ digest }) => digest).sort();
  const text = async (digest: string) => (await repository.blob(digest))?.toString() ?? "";
  /** Manifests that the registry lists with an image. */
  const listed = async (digest: string): Promise<object[]> =>
    JSON.parse((await repository.manifest(digest.replace(":", "-")))?.body ?? '{"manifests":[]}').manifests;
  /** Makes the registry list only these manifests with the image. */
  const listOnly = async (...manifests: object[]) => {
    const list = JSON.stringify({ schemaVersion: 2, mediaType: imageIndex, manifests });
    await repository.pushManifest(image.digest.replace(":", "-"), imageIndex, list);
  };
  const attestAgain = () => attest({ ...image, recorded: [first] });

  it("list its packages and the sources that it was built from", async () => {
    first = await attest(image);
    const sbom = JSON.parse(await text(first.sbom));
    assert.equal(sbom.metadata.component.version, image.digest);
    assert.ok(sbom.components.some(({ purl }: { purl?: string }) => purl === "pkg:pypi/fastapi@0.1.2"));
    const provenance = readProvenance(await text(first.provenance));
    assert.deepEqual(provenance?.subjects, [image.digest]);
    assert.equal(provenance?.key, image.content.key);
    assert.equal(provenance?.commit, commit);
    assert.deepEqual(provenance?.bases[0]?.digest, { sha256: base.replace("sha256:", "") });
  });

  it("are the same for the same image, and attached once", async () => {
    assert.deepEqual(await attest(image), first);
    assert.deepEqual(await documents(sbomType), [first.sbom]);
    assert.deepEqual(await documents(provenanceType), [first.provenance]);
    simulateSyft(await text(first.sbom));
  });

  it("are reused if an update recorded them, without syft", async () => {
    await withoutSyft(async () => assert.deepEqual(await attestAgain(), first));
  });

  it("are created again if no update recorded them, also after the base image's tag has moved", async () => {
    await push("library/base", "1", layer("etc/os-release", "ID=another"));
    await withoutSyft(() => assert.rejects(attest(image), /syft is not on the PATH/));
    assert.deepEqual(await attest(image), first);
    await push("library/base", "1", debian);
  });

  it("do not trust a provenance that others attached before the first update", async () => {
    const other = await push("library/other", "1", layer("etc/os-release", "ID=another"));
    const forged = (await text(first.provenance)).replaceAll(base.replace("sha256:", ""), other.replace("sha256:", ""));
    await listOnly();
    await attach(repository, image.digest, { type: provenanceType, content: forged });
    assert.deepEqual(await attest(image), first);
  });

  it("include one more provenance, with the first one's base image, if another commit builds the same image", async () => {
    await registry.delete("library/base", base);
    const second = await attest({ ...image, commit: "a".repeat(40), recorded: [first] });
    await push("library/base", "1", debian);
    assert.equal(second.sbom, first.sbom);
    const provenance = readProvenance(await text(second.provenance));
    assert.equal(provenance?.commit, "a".repeat(40));
    assert.deepEqual(provenance?.bases[0]?.digest, { sha256: base.replace("sha256:", "") });
    const attached = await documents(provenanceType);
    for (const { provenance } of [first, second]) assert.ok(attached.includes(provenance));
  });

  it("are not replaced by what others attach", async () => {
    const forged = { type: sbomType, content: '{"forged":true}' };
    const digest = await attach(repository, image.digest, forged);
    assert.equal((await attestAgain()).sbom, first.sbom);
    await listOnly();
    await attach(repository, image.digest, forged);
    assert.deepEqual(await documents(sbomType), [digest]);
    assert.equal((await attestAgain()).sbom, first.sbom);
    assert.deepEqual(await documents(sbomType), [digest, first.sbom].sort());
  });

  it("are attached again if the registry's list names those of another image", async () => {
    const other = await push("team/shop", undefined, layer("a", "of another"));
    await attach(repository, other, { type: sbomType, content: await text(first.sbom) });
    await listOnly(...(await listed(other)));
    await attestAgain();
    const subjects = (await attachments(repository, image.digest, sbomType)).map(({ subject }) => subject);
    assert.deepEqual(subjects.sort(), [image.digest, other].sort());
  });

  it("that fail name the image that was pushed, and what stays", async () => {
    const digest = await push("team/shop", undefined, layer("a", "another"));
    await withoutSyft(() =>
      assert.rejects(attest({ ...image, digest }), (error) => {
        assert.ok(error instanceof UserError);
        assert.ok(error.message.startsWith(`${repository.name}@${digest} was pushed, but `));
        assert.match(error.message, /not recorded as verified.*syft is not on the PATH; install it/s);
        return true;
      }),
    );
    process.env.PATH = searchPath(path);
    const missing = `sha256:${"0".repeat(64)}`;
    await assert.rejects(attest({ ...image, digest: missing }), /syft could not list what is in the image: .*0000/s);
  });
});
