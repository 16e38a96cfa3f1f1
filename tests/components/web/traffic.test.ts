import assert from "node:assert/strict";
import type { WebAppArgs } from "../../../components/web.ts";
import { only, resolved } from "../../deploy.ts";
import { deployed, deployment, has, job, one } from "./deployed-web.ts";

const policy = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const ingress = "kubernetes:networking.k8s.io/v1:Ingress";

describe("WebApp", () => {
  it("labels migration and application as the database's clients, and has no policy for outgoing traffic", async () => {
    const { resources } = await deployed();
    for (const type of [deployment, job])
      assert.equal(only(resources, type).inputs.spec.template.metadata.labels["slipway/database-client"], "true");
    assert.deepEqual(only(resources, policy).inputs.spec.policyTypes, ["Ingress"]);
  });

  it("accepts requests on its own port only, from anywhere or from the allowed sources only", async () => {
    const ports = [{ protocol: "TCP", port: 8000 }];
    const { podSelector, ingress } = (await one(policy)).inputs.spec;
    assert.deepEqual(podSelector.matchLabels, {
      "app.kubernetes.io/name": "web",
      "app.kubernetes.io/component": "web",
    });
    assert.deepEqual(ingress, [{ ports }]);
    const restricted = await one(policy, { allowFrom: ["ingress-nginx", "10.0.0.0/16"] });
    const from = [
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "ingress-nginx" } } },
      { ipBlock: { cidr: "10.0.0.0/16" } },
    ];
    assert.deepEqual(restricted.inputs.spec.ingress, [{ from, ports }]);
  });

  it("lets application and migration connect to the allowed destinations, before the migration starts", async () => {
    const { resources } = await deployed({ allowTo: ["mail:25"] });
    const outgoing = resources.filter(({ name }) => name.endsWith("-outgoing"));
    const component = "app.kubernetes.io/component";
    const egress = [
      {
        to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "mail" } } }],
        ports: [{ protocol: "TCP", port: 25 }],
      },
    ];
    assert.deepEqual(
      outgoing.map(({ name, inputs }) => [name, inputs.spec.podSelector.matchLabels, inputs.spec.egress]),
      [
        ["web-outgoing", { "app.kubernetes.io/name": "web", [component]: "web" }, egress],
        ["web-migration-outgoing", { "slipway/database-client": "true", [component]: "migration" }, egress],
      ],
    );
    for (const { name, inputs } of outgoing) {
      const type = name === "web-outgoing" ? deployment : job;
      const { labels } = only(resources, type).inputs.spec.template.metadata;
      assert.deepEqual({ ...labels, ...inputs.spec.podSelector.matchLabels }, labels, "it selects the pods");
    }
    assert.ok(only(resources, job).dependsOn.includes("web-migration-outgoing"));
    const withoutMigration = await deployed({ allowTo: ["mail"], migrate: undefined });
    assert.equal(withoutMigration.resources.filter(({ name }) => name.endsWith("-outgoing")).length, 1);
  });

  it("serves on the node's port, through an ingress, or inside the cluster only", async () => {
    const urlWith = async (overrides: Partial<WebAppArgs>) => resolved((await deployed(overrides)).result.url);
    assert.equal(await urlWith({}), "http://web.shop");
    assert.equal(await has("Ingress"), false);

    assert.equal(await urlWith({ nodePort: 30080 }), "http://localhost:30080");
    const { spec } = (await one("kubernetes:core/v1:Service", { nodePort: 30080 })).inputs;
    assert.deepEqual([spec.type, spec.ports[0].nodePort], ["NodePort", 30080]);

    const outside = { host: "shop.example.com", ingressClass: "nginx" };
    assert.equal(await urlWith(outside), "https://shop.example.com");
    const { ingressClassName, tls, rules } = (await one(ingress, outside)).inputs.spec;
    assert.equal(ingressClassName, "nginx");
    assert.deepEqual(tls, [{ hosts: ["shop.example.com"], secretName: "web-tls" }]);
    assert.equal(rules[0].host, "shop.example.com");
  });

  it("gets its certificate from the named issuer, of the cluster or of the namespace", async () => {
    const certificate = async (overrides: Partial<WebAppArgs>) => {
      const { metadata, spec } = (await one(ingress, { host: "shop.example.com", ...overrides })).inputs;
      return [metadata.annotations, spec.tls[0].secretName];
    };
    const ingressAnnotations = { "example.com/size": "8m" };
    assert.deepEqual(await certificate({ ingressAnnotations: {} }), [undefined, "web-tls"]);
    const secret = await certificate({ ingressAnnotations, tls: { secret: "shop-tls" } });
    assert.deepEqual(secret, [ingressAnnotations, "shop-tls"]);
    assert.deepEqual(await certificate({ ingressAnnotations, tls: { issuer: "letsencrypt" } }), [
      { ...ingressAnnotations, "cert-manager.io/cluster-issuer": "letsencrypt" },
      "web-tls",
    ]);
    const [annotations] = await certificate({ tls: { issuer: "issuer/ours" } });
    assert.deepEqual(annotations, { "cert-manager.io/issuer": "ours" });
  });

  it("does not wait for endpoints, which never come after a failed rollout", async () => {
    const { resources } = await deployed({ host: "shop.example.com" });
    const { metadata } = only(resources, "kubernetes:core/v1:Service").inputs;
    assert.equal(metadata.annotations["pulumi.com/skipAwait"], "true");
    assert.ok(only(resources, ingress).dependsOn.includes("web"));
  });
});
