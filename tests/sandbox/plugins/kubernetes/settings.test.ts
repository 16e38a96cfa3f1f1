import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  conflictingSettings,
  readSettings,
  replacingSettings,
} from "../../../../sandbox/plugins/kubernetes/settings.ts";

const kubeconfig = (server: string) => `apiVersion: v1
clusters: [{name: c, cluster: {server: "${server}"}}, {name: d, cluster: {server: "https://other"}}]
contexts: [{name: one, context: {cluster: c}}, {name: same, context: {cluster: c}}, {name: two, context: {cluster: d}}]
current-context: one
`;

describe("Provider settings", () => {
  it("have the official plugin's defaults", () => {
    assert.deepEqual(readSettings({}, {}), {
      ...{
        kubeconfig: undefined,
        context: undefined,
        cluster: undefined,
        namespace: undefined,
        renderDirectory: undefined,
      },
      ...{ configMapsMutable: false, secretsMutable: false, patchForce: false, deleteUnreachable: false },
    });
  });

  it("come from the program before the environment", () => {
    const environment = { PULUMI_K8S_ENABLE_PATCH_FORCE: "true", PULUMI_K8S_DELETE_UNREACHABLE: "true" };
    const settings = readSettings({ enablePatchForce: "false", enableConfigMapMutable: true }, environment);
    assert.equal(settings.patchForce, false);
    assert.equal(settings.deleteUnreachable, true);
    assert.equal(settings.configMapsMutable, true);
  });

  it("refuse client-side apply, which the stand-in does not have", () => {
    assert.throws(() => readSettings({ enableServerSideApply: "false" }, {}), /supports server-side apply only/);
  });

  it("refuse to render for a cluster", () => {
    assert.deepEqual(
      conflictingSettings({ renderYamlToDirectory: "out", context: "prod" }).map(({ property }) => property),
      ["context"],
    );
  });
});

describe("Changed provider settings", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    writeFileSync(join(folder, "a"), kubeconfig("https://here"));
    writeFileSync(join(folder, "b"), kubeconfig("https://here"));
    writeFileSync(join(folder, "c"), kubeconfig("https://there"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const at = (name: string, context?: string) => ({ kubeconfig: join(folder, name), context });

  it("replace nothing when the kubeconfig moved but names the same cluster", async () => {
    assert.deepEqual(await replacingSettings(at("a"), at("b")), []);
    assert.deepEqual(await replacingSettings(at("a"), { kubeconfig: kubeconfig("https://here") }), []);
    assert.deepEqual(await replacingSettings(at("a", "one"), at("a", "same")), []);
  });

  it("replace everything when they name another cluster, or another folder to render to", async () => {
    assert.deepEqual(await replacingSettings(at("a"), at("c")), ["kubeconfig"]);
    assert.deepEqual(await replacingSettings(at("a", "one"), at("a", "two")), ["context"]);
    const [old, args] = [{ renderYamlToDirectory: "a" }, { renderYamlToDirectory: "b" }];
    assert.deepEqual(await replacingSettings(old, args), ["renderYamlToDirectory"]);
  });
});
