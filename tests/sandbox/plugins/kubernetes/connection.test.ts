import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../../../sandbox/plugins/engine.ts";
import { Connection, unreachable } from "../../../../sandbox/plugins/kubernetes/connection.ts";
import type { Settings } from "../../../../sandbox/plugins/kubernetes/settings.ts";

describe("The way to the cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-kubeconfig-"));
  after(() => rmSync(folder, { recursive: true }));

  const connect = (kubeconfig: string) =>
    new Connection({ kubeconfig } as Settings, {} as Engine, new AbortController().signal).cluster();

  it("says of a kubeconfig that is not YAML in which line, once, and shows nothing of it", async () => {
    const broken = "users:\n- user: { token: hunter2-hunter2 }\n  name: [a\nclusters: b\n";
    await assert.rejects(connect(broken), (error: Error) => {
      assert.match(
        error.message,
        /^configured Kubernetes cluster is unreachable: the kubeconfig is not YAML: .*, line \d+$/,
      );
      assert.doesNotMatch(error.message, /hunter2/);
      assert.equal(unreachable(error).message, error.message);
      return true;
    });
  });

  it("takes the files that a kubeconfig names from beside it", async () => {
    const file = join(folder, "kubeconfig");
    const cluster = "{name: c, cluster: {server: 'https://127.0.0.1:1', certificate-authority: ca.crt}}";
    const contexts = "contexts: [{name: near, context: {cluster: c}}]\ncurrent-context: near\n";
    writeFileSync(file, `clusters: [${cluster}]\n${contexts}`);
    const { config } = (await connect(file)) as unknown as { config: { clusters: { caFile: string }[] } };
    assert.equal(config.clusters[0]?.caFile, join(folder, "ca.crt"));
  });
});
