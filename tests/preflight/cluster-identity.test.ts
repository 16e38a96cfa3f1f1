import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clusterIdentity } from "../../preflight/cluster-identity.ts";
import type { Settings } from "../../settings/schema.ts";
import { ApiServer } from "../api-server.ts";

type Cluster = Settings["cluster"];
const uid = "7c1f0e3a-0000-4000-8000-000000000001";

describe("clusterIdentity", () => {
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

  /** A kubeconfig context whose cluster entry has these further fields. */
  function contextWith(more: object = {}, at?: string): Cluster {
    const kubeconfig = join(folder, "kubeconfig");
    api.writeKubeconfig(kubeconfig, more, at);
    return { context: "near", kubeconfig, dns: [], eks: undefined };
  }

  it("returns the uid of the namespace kube-system, and asks for it once", async () => {
    const first = await clusterIdentity(contextWith(), undefined);
    assert.equal(first.id, uid);
    assert.deepEqual(await clusterIdentity(contextWith(), first), first);
    assert.equal(api.asked.length, 1);
  });

  it("ignores other fields of the kubeconfig", async () => {
    const first = await clusterIdentity(contextWith(), undefined);
    const extensions = [{ name: "cluster_info", extension: { provider: "minikube.sigs.k8s.io" } }];
    assert.deepEqual(await clusterIdentity(contextWith({ extensions }), first), first);
    assert.equal(api.asked.length, 1);
  });

  it("asks the same cluster again at another address", async () => {
    const first = await clusterIdentity(contextWith(), undefined);
    const { id, reachedBy } = await clusterIdentity(contextWith({}, `http://localhost:${api.port}`), first);
    assert.equal(id, uid);
    assert.notEqual(reachedBy, first.reachedBy);
    assert.equal(api.asked.length, 2);
  });

  it("refuses another cluster than that of the last update, and names both", async () => {
    const previous = { id: "another", reachedBy: "elsewhere" };
    await assert.rejects(
      clusterIdentity(contextWith(), previous),
      /stack \S+ was deployed to another cluster; nothing was changed.*near, which is cluster 7c1f0e3a\S+; the last update was in cluster another/s,
    );
  });

  it("refuses another address than in the output of earlier versions", async () => {
    assert.equal((await clusterIdentity(contextWith(), undefined, `127.0.0.1:${api.port}`)).id, uid);
    await assert.rejects(
      clusterIdentity(contextWith(), undefined, "10.0.0.1:6443"),
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
      await assert.rejects(clusterIdentity(contextWith(), undefined), says);
    });

  it("returns account and name of a cluster in Amazon EKS, without asking it", async () => {
    const eks = { account: "111122223333" } as NonNullable<Cluster["eks"]>;
    const idOf = async (more: object): Promise<string> => {
      const cluster = { eks: { ...eks, ...more }, context: undefined, kubeconfig: undefined, dns: [] };
      return (await clusterIdentity(cluster, undefined)).id;
    };
    assert.equal(await idOf({ existing: "there" }), "111122223333/there");
    assert.equal(await idOf({ name: "made" }), "111122223333/made");
    assert.match(await idOf({}), /^111122223333\/[\w-]+-[\w-]+$/);
  });
});
