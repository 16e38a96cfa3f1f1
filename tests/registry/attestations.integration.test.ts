import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { gzipSync } from "node:zlib";
import { readContent } from "../../image/content-key.ts";
import { type Attestations, attest, type PushedImage } from "../../registry/attestations.ts";
import { provenanceType, readProvenance } from "../../registry/provenance.ts";
import { attach, attachments } from "../../registry/referrers.ts";
import { ImageRepository, imageIndex } from "../../registry/repository.ts";
import { sbomType } from "../../registry/sbom.ts";
import { searchPath } from "../../sandbox/paths.ts";
import { UserError } from "../../settings/user-error.ts";
import { RegistryProcess } from "./registry-process.ts";

const gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
const commit = "c".repeat(40);

describe("Records of an image", function () {
  this.timeout(60_000); // syft reads it
  const registry = new RegistryProcess();
  const folder = mkdtempSync(join(tmpdir(), "slipway-keep-"));
  const path = process.env.PATH;
  let programs = searchPath(path);
  let repository: ImageRepository;
  let base: string;
  let debian: Buffer;
  let image: PushedImage;

  /** An archive with one file in it. */
  const layer = (file: string, text: string) => {
    const root = mkdtempSync(join(folder, "layer-"));
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), text);
    return execFileSync("tar", ["--create", "--directory", root, "--mtime=@0", "--sort=name", "."]);
  };
  const push = (name: string, tag: string | undefined, layers: Buffer[]) =>
    registry.image(
      name,
      layers.map((content) => ({ mediaType: gzip, content: gzipSync(content) })),
      tag,
      layers.map((content) => `sha256:${createHash("sha256").update(content).digest("hex")}`),
    );

  before(async () => {
    process.env.PATH = programs;
    await registry.start();
    debian = layer("etc/os-release", 'ID=debian\nVERSION_ID="13"\n');
    base = await push("library/base", "1", [debian]);
    const site = "venv/lib/python3.13/site-packages";
    const metadata = "Metadata-Version: 2.1\nName: fastapi\nVersion: 0.1.2\n";
    const shop = [debian, layer(`${site}/fastapi-0.1.2.dist-info/METADATA`, metadata)];
    const digest = await push("team/shop", undefined, shop);
    mkdirSync(join(folder, "app"));
    writeFileSync(join(folder, "app/Dockerfile"), `FROM ${registry.address}/library/base:1\n`);
    const content = readContent({ context: join(folder, "app") });
    repository = new ImageRepository(`${registry.address}/team/shop`);
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
  /** Has a list at hand, which takes syft a second to make. */
  const listFrom = (list: string) => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "list.json"), list);
    writeFileSync(join(bin, "syft"), `#!/bin/sh\ncat ${join(bin, "list.json")}\n`, { mode: 0o755 });
    process.env.PATH = programs = [bin, programs].join(delimiter);
  };
  const documents = async (type: string) =>
    (await attachments(repository, image.digest, type)).map(({ digest }) => digest).sort();
  const text = async (digest: string) => (await repository.blob(digest))?.toString() ?? "";
  /** What the registry lists with an image. */
  const listed = async (digest: string): Promise<object[]> =>
    JSON.parse((await repository.manifest(digest.replace(":", "-")))?.body ?? '{"manifests":[]}').manifests;
  /** Makes the registry list nothing else with the image. */
  const nothingBut = async (...manifests: object[]) => {
    const list = JSON.stringify({ schemaVersion: 2, mediaType: imageIndex, manifests });
    await repository.pushManifest(image.digest.replace(":", "-"), imageIndex, list);
  };
  let first: Attestations;

  it("say what is in it, and what it was made from", async () => {
    first = await attest(image);
    const sbom = JSON.parse(await text(first.sbom));
    assert.equal(sbom.metadata.component.version, image.digest);
    assert.ok(sbom.components.some(({ purl }: { purl?: string }) => purl === "pkg:pypi/fastapi@0.1.2"));
    const provenance = readProvenance(await text(first.provenance));
    assert.deepEqual(provenance?.subjects, [image.digest]);
    assert.equal(provenance?.key, image.content.key);
    assert.equal(provenance?.commit, commit);
    assert.deepEqual(provenance?.bases[0]?.digest, { sha256: base.replace("sha256:", "") });
    assert.deepEqual(await documents(sbomType), [first.sbom]);
    assert.deepEqual(await documents(provenanceType), [first.provenance]);
  });

  it("are the same for the same image, whoever makes them anew", async () => {
    assert.deepEqual(await attest(image), first);
    assert.deepEqual(await documents(sbomType), [first.sbom]);
    assert.deepEqual(await documents(provenanceType), [first.provenance]);
    listFrom(await text(first.sbom));
  });

  it("are left as they are where an update has recorded them, with nothing read again: also without syft", async () => {
    await withoutSyft(async () => {
      assert.deepEqual(await attest({ ...image, recorded: [first] }), first);
    });
  });

  it("are made anew where no update has recorded them, also when the base image's name has moved since", async () => {
    await push("library/base", "1", [layer("etc/os-release", "ID=another")]);
    await withoutSyft(() => assert.rejects(attest(image), /syft is not on the PATH/));
    assert.deepEqual(await attest(image), first);
    await push("library/base", "1", [debian]);
  });

  it("are not made after what others have attached before the first update", async () => {
    const other = await push("library/other", "1", [layer("etc/os-release", "ID=another")]);
    const forged = (await text(first.provenance)).replaceAll(base.replace("sha256:", ""), other.replace("sha256:", ""));
    await nothingBut();
    await attach(repository, image.digest, { type: provenanceType, content: forged });
    assert.deepEqual(await attest(image), first);
  });

  it("have one more where another commit comes to the same image, on the base image that it was built on", async () => {
    await registry.delete("library/base", base);
    const second = await attest({ ...image, commit: "a".repeat(40), recorded: [first] });
    await push("library/base", "1", [debian]);
    assert.equal(second.sbom, first.sbom);
    const provenance = readProvenance(await text(second.provenance));
    assert.equal(provenance?.commit, "a".repeat(40));
    assert.deepEqual(provenance?.bases[0]?.digest, { sha256: base.replace("sha256:", "") });
    const now = await documents(provenanceType);
    for (const { provenance } of [first, second]) assert.ok(now.includes(provenance));
  });

  it("are not what others attach in their place", async () => {
    const forged = await attach(repository, image.digest, { type: sbomType, content: '{"forged":true}' });
    assert.equal((await attest({ ...image, recorded: [first] })).sbom, first.sbom);
    await nothingBut();
    await attach(repository, image.digest, { type: sbomType, content: '{"forged":true}' });
    assert.deepEqual(await documents(sbomType), [forged]);
    assert.equal((await attest({ ...image, recorded: [first] })).sbom, first.sbom);
    assert.deepEqual(await documents(sbomType), [forged, first.sbom].sort());
  });

  it("are kept again where the registry's list names those of another image", async () => {
    const other = await push("team/shop", undefined, [layer("a", "of another")]);
    await attach(repository, other, { type: sbomType, content: await text(first.sbom) });
    await nothingBut(...(await listed(other)));
    await attest({ ...image, recorded: [first] });
    const subjects = (await attachments(repository, image.digest, sbomType)).map(({ subject }) => subject);
    assert.deepEqual(subjects.sort(), [image.digest, other].sort());
  });

  it("are refused in one error where they can't be made, which says what was pushed and what stays", async () => {
    const digest = await push("team/shop", undefined, [layer("a", "another")]);
    await withoutSyft(() =>
      assert.rejects(attest({ ...image, digest }), (error: Error) => {
        assert.ok(error instanceof UserError);
        assert.match(
          error.message,
          new RegExp(`^${repository.name}@${digest} was pushed, but .*not recorded as verified`),
        );
        assert.match(error.message, /syft is not on the PATH; install it/);
        return true;
      }),
    );
    process.env.PATH = searchPath(path);
    const nothing = `sha256:${"0".repeat(64)}`;
    await assert.rejects(attest({ ...image, digest: nothing }), /syft could not list what is in the image: .*0000/s);
  });
});
