import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { type ClusterArgs, connect } from "../../cluster/provider.ts";
import { AppNamespace } from "../../components/namespace.ts";
import { deploy, only } from "../deploy.ts";

const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

describe("AppNamespace", () => {
  it("admits only pods of the Pod Security level restricted", async () => {
    const { resources } = await deploy(() => new AppNamespace("app", { name: "shop" }));
    const { metadata } = only(resources, "kubernetes:core/v1:Namespace").inputs;
    assert.equal(metadata.name, "shop");
    assert.deepEqual(metadata.labels, {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "latest",
      "pod-security.kubernetes.io/warn": "restricted",
    });
  });

  it("has labels besides, which never loosen its own", async () => {
    const labels = { team: "shop", "pod-security.kubernetes.io/enforce": "privileged" };
    const { resources } = await deploy(() => new AppNamespace("app", { name: "shop", labels }));
    const { metadata } = only(resources, "kubernetes:core/v1:Namespace").inputs;
    assert.equal(metadata.labels.team, "shop");
    assert.equal(metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("allows no traffic in or out, but for looking names up", async () => {
    const { resources } = await deploy(() => new AppNamespace("app", { name: "shop" }));
    const deny = only(resources, policy, "app-deny").inputs;
    assert.deepEqual(deny.spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    const { spec } = only(resources, policy, "app-dns").inputs;
    const ports = [
      { protocol: "UDP", port: 53 },
      { protocol: "TCP", port: 53 },
    ];
    const pods = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } };
    assert.deepEqual(spec, { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [pods], ports }] });
    const egressWith = async (...dns: pulumi.Input<string>[]) => {
      const { resources } = await deploy(() => new AppNamespace("app", { name: "shop", dns }));
      return only(resources, policy, "app-dns").inputs.spec.egress;
    };
    // Nothing at all to go `to` would mean everywhere.
    assert.deepEqual(await egressWith(), [{ to: [pods], ports }]);
    const blocks = ["10.0.0.10/32", "169.254.20.10/32", "fd00::a/128"].map((cidr) => ({ ipBlock: { cidr } }));
    assert.deepEqual(await egressWith(pulumi.output("10.0.0.10"), "169.254.20.10", "fd00::a"), [
      { to: [pods], ports },
      { to: blocks, ports },
    ]);
  });

  it("is protected and retained where the environment says so", async () => {
    const protectedOnes = async (protect: boolean) =>
      (await deploy(() => new AppNamespace("app", { name: "shop", protect }))).resources.filter((one) => one.protect);
    assert.deepEqual(
      (await protectedOnes(true)).map(({ type, retainOnDelete }) => [type, retainOnDelete]),
      [["kubernetes:core/v1:Namespace", true]],
    );
    assert.deepEqual(await protectedOnes(false), []);
  });
});

describe("Cluster", () => {
  const given = process.env.KUBECONFIG;
  // A shell that speaks to the sandbox has one.
  beforeEach(() => delete process.env.KUBECONFIG);
  after(() => {
    if (given !== undefined) process.env.KUBECONFIG = given;
  });

  it("is reached by the name of its context, and lets the release's name change in place", async () => {
    const { resources } = await deploy(() => connect({ context: "prod-cluster", clusterIdentifier: "its-uid" }));
    const { inputs } = only(resources, "pulumi:providers:kubernetes");
    assert.equal(inputs.context, "prod-cluster");
    assert.equal(inputs.clusterIdentifier, "its-uid");
    assert.equal(String(inputs.enableConfigMapMutable), "true");
    assert.equal(inputs.kubeconfig, undefined);
    // A changed Secret has to get a new name: the database's logins are named after theirs.
    assert.equal(inputs.enableSecretMutable, undefined);
  });

  it("is looked up in the kubeconfig that the shell names, unless it is given one", async () => {
    process.env.KUBECONFIG = "/of/the/shell";
    const kubeconfigOf = async (args: ClusterArgs) =>
      only((await deploy(() => connect(args))).resources, "pulumi:providers:kubernetes").inputs.kubeconfig;
    assert.equal(await kubeconfigOf({ context: "prod-cluster" }), "/of/the/shell");
    assert.equal(await kubeconfigOf({ kubeconfig: "/given" }), "/given");
  });
});
