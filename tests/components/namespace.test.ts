import assert from "node:assert/strict";
import { connect } from "../../components/cluster.ts";
import { AppNamespace } from "../../components/namespace.ts";
import { deploy, only } from "../deploy.ts";

const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

describe("AppNamespace", () => {
  it("admits only pods of the Pod Security level restricted", async () => {
    const { resources } = await deploy(() => new AppNamespace("app", { name: "shop" }));
    const { metadata } = only(resources, "kubernetes:core/v1:Namespace").inputs;
    assert.equal(metadata.name, "shop");
    assert.equal(metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("allows no traffic in or out, but for looking names up", async () => {
    const { resources } = await deploy(() => new AppNamespace("app", { name: "shop" }));
    const deny = only(resources, policy, "app-deny").inputs;
    assert.deepEqual(deny.spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    const { spec } = only(resources, policy, "app-dns").inputs;
    assert.deepEqual(spec.policyTypes, ["Egress"]);
    assert.deepEqual(
      spec.egress.flatMap((rule: { ports: { port: number }[] }) => rule.ports.map(({ port }) => port)),
      [53, 53],
    );
  });

  it("is protected where the environment says so", async () => {
    const protectedOnes = async (protect: boolean) =>
      (await deploy(() => new AppNamespace("app", { name: "shop", protect }))).resources.filter((one) => one.protect);
    assert.deepEqual(
      (await protectedOnes(true)).map(({ type }) => type),
      ["kubernetes:core/v1:Namespace"],
    );
    assert.deepEqual(await protectedOnes(false), []);
  });
});

describe("Cluster", () => {
  it("is reached by the name of its context, and lets the release's name change in place", async () => {
    const { resources } = await deploy(() => connect({ context: "prod-cluster" }));
    const { inputs } = only(resources, "pulumi:providers:kubernetes");
    assert.equal(inputs.context, "prod-cluster");
    assert.equal(String(inputs.enableConfigMapMutable), "true");
    assert.equal(String(inputs.enablePatchForce), "true");
    assert.equal(inputs.kubeconfig, undefined);
  });
});
