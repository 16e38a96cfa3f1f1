import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Verified } from "../../components/release/verified.ts";
import { provenanceType, readProvenance } from "../../registry/provenance.ts";
import { attach, attachments } from "../../registry/referrers.ts";
import { ImageRepository } from "../../registry/repository.ts";
import { sbomType } from "../../registry/sbom.ts";
import { attempt } from "../../sandbox/command.ts";
import { cluster } from "../../sandbox/paths.ts";
import { Environment, imagesOf } from "./environments.ts";
import { Project } from "./project.ts";

const web = "app.kubernetes.io/component=web";

describe("Attestations of a release, end to end", () => {
  const checkout = new Project("attested");
  const test = new Environment("test", checkout);
  const images = new ImageRepository(imagesOf(checkout));
  let digest: string;

  const verified = (): Promise<Verified> => test.outputJson("verified");
  const documents = async () => [
    ...(await attachments(images, digest, sbomType)),
    ...(await attachments(images, digest, provenanceType)),
  ];
  const text = async (document = "") => (await images.blob(document))?.toString() ?? "";
  const releases = () => test.command("releases/releases.ts");

  before(async () => {
    // A new image: the registry has the attestations of earlier runs.
    checkout.edit("app/noticeboard/__init__.py", (text) => `${text}\n# ${new Date().toISOString()}\n`);
    await checkout.commit("The first version");
    await test.create();
  });
  after(async () => {
    await test.destroy();
    await checkout.remove();
  });

  it("fail the update if they cannot be created: nothing is rolled out or recorded as verified", async () => {
    const folder = test.path("failing");
    mkdirSync(folder);
    writeFileSync(join(folder, "syft"), "#!/bin/sh\necho 'no room for the layers' >&2\nexit 1\n", { mode: 0o755 });
    const env = { ...test.env, PATH: [folder, test.env.PATH].join(delimiter) };
    const up = ["pulumi", "up", "--yes", "--skip-preview", "--stack", "test", "--non-interactive"];
    const { code, stdout, stderr } = await attempt(up, { cwd: test.folder, env });
    assert.notEqual(code, 0);
    const output = stdout + stderr;
    const [, diagnostics = ""] = output.split("\nDiagnostics:\n");
    assert.equal(diagnostics.match(/its attestations could not be attached/g)?.length, 1, output);
    assert.match(diagnostics, /syft could not list what is in the image: no room for the layers/);
    assert.equal(await test.kubectl("get", "deployments,pods", "--selector", web, "--output", "name"), "");
    await assert.rejects(verified(), /does not have output property 'verified'/);
  });

  it("are attached to the running digest in the registry, and their digests are in the stack", async () => {
    await test.up();
    digest = (await test.output("image")).split("@")[1] ?? "";
    assert.equal((await images.manifest("v1.1"))?.digest, digest);
    const { records } = (await verified())["v1.1"] ?? {};
    assert.deepEqual(await documents(), [
      { subject: digest, digest: records?.sbom },
      { subject: digest, digest: records?.provenance },
    ]);
  });

  it("list the packages of the application and of its distribution", async () => {
    const [{ digest: sbom } = {}] = await documents();
    const { components } = JSON.parse(await text(sbom));
    const names = components.map(({ purl = "" }: { purl?: string }) => purl.replace(/@.*/, ""));
    for (const name of ["pypi/fastapi", "pypi/gunicorn", "deb/debian/libc6", "deb/debian/python3.13-minimal"])
      assert.ok(names.includes(`pkg:${name}`), name);
  });

  it("name the sources of the image, and the base image by its digest in the registry", async () => {
    const [, { digest: provenance } = {}] = await documents();
    const statement = readProvenance(await text(provenance));
    const { key, commit } = (await verified())["v1.1"] ?? {};
    assert.deepEqual([statement?.key, statement?.commit, statement?.subjects], [key, commit, [digest]]);
    assert.match(commit ?? "", /^[0-9a-f]{40}$/);
    const python = new ImageRepository(`${cluster.registry}/library/python`);
    const base = (await python.manifest("3.13-slim"))?.digest ?? "";
    assert.deepEqual(
      statement?.bases.map(({ name, digest, annotations }) => [name, digest, annotations]),
      [["python:3.13-slim", { sha256: base.replace("sha256:", "") }, { evidence: "layers" }]],
    );
  });

  it("contain no secret", async () => {
    for (const { digest: document } of await documents())
      assert.doesNotMatch(await text(document), /of-test-alone|password"?:/i);
  });

  it("are attached once: the next preview has nothing to do, and the next update attaches nothing", async () => {
    const before = await documents();
    await test.assertNoChanges();
    await test.up();
    assert.deepEqual(await documents(), before);
  });

  it("are intact according to `npm run releases`", async () => {
    const { code, stdout, stderr } = await releases();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^release +commit +attestations +attested +test$/m);
    assert.match(stdout, /^v1\.1 +[0-9a-f]{8} +intact +running$/m);
  });

  it("are reported if they are missing or forged, until an update attaches them again", async () => {
    const { records } = (await verified())["v1.1"] ?? {};
    const list = digest.replace(":", "-");
    const original = await images.manifest(list);
    const forged = (await text(records?.provenance)).replaceAll(
      /"contentKey":"\w+"/g,
      `"contentKey":"${"0".repeat(32)}"`,
    );
    const index = { schemaVersion: 2, mediaType: original?.mediaType, manifests: [] };
    await images.pushManifest(list, original?.mediaType ?? "", JSON.stringify(index));
    const document = await attach(images, digest, { type: provenanceType, content: forged });
    const { code, stdout, stderr } = await releases();
    assert.equal(code, 1);
    assert.match(stdout, /^v1\.1 +\w+ +wrong +running$/m);
    assert.match(stderr, /v1\.1 in test, sha256:\w+: the registry has no SBOM of it/);
    assert.match(
      stderr,
      new RegExp(`its provenance is not the one that was recorded: ${document}, recorded is ${records?.provenance}`),
    );
    await test.up();
    const again = await releases();
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual((await verified())["v1.1"]?.records, records);
  });

  it("are reported if the release's tag points to another image", async () => {
    const original = await images.manifest("v1.1");
    const other = { ...JSON.parse(original?.body ?? "{}"), annotations: { moved: "yes" } };
    await images.pushManifest("v1.1", original?.mediaType ?? "", JSON.stringify(other));
    const { code, stderr } = await releases();
    await images.pushManifest("v1.1", original?.mediaType ?? "", original?.body ?? "");
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`v1\\.1 in test, ${digest}: ${images.name}:v1\\.1 is sha256:\\w+ now`));
  });
});
