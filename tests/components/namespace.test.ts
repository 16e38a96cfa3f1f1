import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AppNamespace, type AppNamespaceArgs } from "../../components/namespace.ts";
import { deploy, only } from "../deploy.ts";

const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const namespace = "kubernetes:core/v1:Namespace";
const deployed = async (args: Partial<AppNamespaceArgs> = {}) =>
  (await deploy(() => new AppNamespace("app", { name: "shop", ...args }))).resources;

describe("AppNamespace", () => {
  it("admits only pods of the Pod Security level restricted, whatever other labels it has", async () => {
    const labels = { team: "shop", "pod-security.kubernetes.io/enforce": "privileged" };
    const { metadata } = only(await deployed({ labels }), namespace).inputs;
    assert.equal(metadata.name, "shop");
    assert.deepEqual(metadata.labels, {
      team: "shop",
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/enforce-version": "latest",
      "pod-security.kubernetes.io/warn": "restricted",
    });
  });

  it("denies all traffic except DNS queries", async () => {
    const resources = await deployed();
    const deny = only(resources, policy, "app-deny").inputs;
    assert.deepEqual(deny.spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    const { spec } = only(resources, policy, "app-dns").inputs;
    const ports = ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 }));
    const pods = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } };
    // Nothing else: a rule with an empty `to` would allow every destination.
    assert.deepEqual(spec, { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [pods], ports }] });

    const dns = [pulumi.output("10.0.0.10"), "169.254.20.10", "fd00::a"];
    const blocks = ["10.0.0.10/32", "169.254.20.10/32", "fd00::a/128"].map((cidr) => ({ ipBlock: { cidr } }));
    assert.deepEqual(only(await deployed({ dns }), policy, "app-dns").inputs.spec.egress, [
      { to: [pods], ports },
      { to: blocks, ports },
    ]);
  });

  it("has a Secret with the login for the registry, if there is one", async () => {
    const secret = "kubernetes:core/v1:Secret";
    const pullAs = { registry: "registry.example.com:5000", username: "robot", password: pulumi.secret("s3cret") };
    const resources = await deployed({ pullAs });
    const { metadata, type, stringData } = only(resources, secret).inputs;
    assert.equal(metadata.name, "app-pull");
    assert.equal(type, "kubernetes.io/dockerconfigjson");
    assert.ok(pulumi.runtime.isRpcSecret(stringData) || pulumi.runtime.isRpcSecret(stringData[".dockerconfigjson"]));
    const data = stringData.value?.[".dockerconfigjson"] ?? stringData[".dockerconfigjson"].value;
    assert.deepEqual(JSON.parse(data), {
      auths: { "registry.example.com:5000": { username: "robot", password: "s3cret" } },
    });
    assert.ok(!(await deployed()).some(({ type }) => type === secret));
  });

  it("is protected and retained if the environment is protected", async () => {
    const retained = async (protect: boolean) =>
      (await deployed({ protect })).filter((each) => each.protect && each.retainOnDelete).map(({ type }) => type);
    assert.deepEqual(await retained(true), [namespace]);
    assert.deepEqual(await retained(false), []);
  });
});
