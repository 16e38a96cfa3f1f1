import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { removeManifest, writeManifest } from "../../../../sandbox/plugins/kubernetes/render.ts";
import { secret } from "../../../../sandbox/plugins/properties.ts";

const deployment = {
  ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" }, spec: { replicas: 1 } },
};

describe("Rendered manifests", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "manifests-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are at the official plugin's path, readable by their owner only, and removed again", async () => {
    const { path, hasSecrets } = await writeManifest(deployment, deployment, folder);
    assert.equal(path, join(folder, "1-manifest", "apps_v1-deployment-shop-web.yaml"));
    assert.deepEqual(parse(readFileSync(path, "utf8")), deployment);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(hasSecrets, false);
    removeManifest(deployment, folder);
    assert.equal(existsSync(path), false);
  });

  it("say when they hold a secret", async () => {
    const { hasSecrets } = await writeManifest(deployment, { ...deployment, spec: secret({}) }, folder);
    assert.equal(hasSecrets, true);
  });

  it("have definitions of kinds apart, to be applied first", async () => {
    const definition = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "a.b" },
    };
    const { path } = await writeManifest(definition, definition, folder);
    assert.equal(path, join(folder, "0-crd", "apiextensions.k8s.io_v1-customresourcedefinition-default-a.b.yaml"));
  });
});
