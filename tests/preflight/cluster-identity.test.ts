import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterIdentity } from "../../preflight/cluster-identity.ts";
import type { Settings } from "../../settings/schema.ts";
import { ApiServer } from "../api-server.ts";

type Cluster = Settings["cluster"];
const uid = "7c1f0e3a-0000-4000-8000-000000000001";

describe("The identity of a cluster", () => {
  let folder: string;
  const api = new ApiServer();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "slipway-identity-"));
    await api.start();
  });
  beforeEach(() => {
    api.asked = [];
    api.objects = { "/api/v1/namespaces/kube-system": { metadata: { name: "kube-system", uid } } };
  });
  after(() => {
    api.stop();
    rmSync(folder, { recursive: true });
  });

  /** A context of a kubeconfig whose cluster entry has these fields besides. */
  function named(more: object = {}, at?: string): Cluster {
    const kubeconfig = join(folder, "kubeconfig");
    api.writeKubeconfig(kubeconfig, more, at);
    return { context: "near", kubeconfig, dns: [], eks: undefined };
  }

  it("is that of its namespace kube-system, asked for once", async () => {
    const first = await clusterIdentity(named(), undefined);
    assert.equal(first.id, uid);
    assert.deepEqual(await clusterIdentity(named(), first), first);
    assert.equal(api.asked.length, 1);
  });

  it("stays the same whatever else the kubeconfig says of the cluster", async () => {
    const first = await clusterIdentity(named(), undefined);
    const extensions = [{ name: "cluster_info", extension: { provider: "minikube.sigs.k8s.io" } }];
    assert.deepEqual(await clusterIdentity(named({ extensions }), first), first);
    assert.equal(api.asked.length, 1);
  });

  it("stays the same at another address, where the cluster is asked again", async () => {
    const first = await clusterIdentity(named(), undefined);
    const { id, reachedBy } = await clusterIdentity(named({}, `http://localhost:${api.port}`), first);
    assert.equal(id, uid);
    assert.notEqual(reachedBy, first.reachedBy);
    assert.equal(api.asked.length, 2);
  });

  it("refuses another cluster than the recorded one, and says both", async () => {
    const recorded = { id: "another", reachedBy: "elsewhere" };
    await assert.rejects(
      clusterIdentity(named(), recorded),
      /stack \S+ was deployed to another cluster; nothing was changed.*near, which is cluster 7c1f0e3a\S+; the last update was in cluster another/s,
    );
  });

  it("refuses another address than the one that earlier versions recorded", async () => {
    assert.equal((await clusterIdentity(named(), undefined, `127.0.0.1:${api.port}`)).id, uid);
    await assert.rejects(
      clusterIdentity(named(), undefined, "10.0.0.1:6443"),
      /the last update was in cluster 10\.0\.0\.1:6443/,
    );
  });

  for (const [code, says] of [
    [401, /does not accept the kubeconfig's credentials.*\n {2}log in to it again/],
    [403, /may not read its namespace kube-system.*\n {2}allow it: kubectl create clusterrole/],
    [500, /does not say which cluster it is; nothing was changed/],
  ] as const)
    it(`says what to do if the API server answers ${code}`, async () => {
      api.objects = { "/api/v1/namespaces/kube-system": code };
      await assert.rejects(clusterIdentity(named(), undefined), says);
    });

  it("is account and name of a cluster in Amazon, which is not asked", async () => {
    const eks = { account: "111122223333" } as NonNullable<Cluster["eks"]>;
    const inAmazon = async (more: object) =>
      (
        await clusterIdentity(
          { eks: { ...eks, ...more }, context: undefined, kubeconfig: undefined, dns: [] },
          undefined,
        )
      ).id;
    assert.equal(await inAmazon({ existing: "there" }), "111122223333/there");
    assert.equal(await inAmazon({ name: "made" }), "111122223333/made");
    assert.match(await inAmazon({}), /^111122223333\/[\w-]+-[\w-]+$/);
  });
});
