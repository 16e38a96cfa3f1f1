import assert from "node:assert/strict";
import { outputs, type Resource, render } from "../commands/environments/render.ts";
import { fileOf, files, rendered } from "./commands/environments/committed.ts";

/** What `pulumi destroy` refuses to delete in an environment, and what of it stays even where that is lifted. */
const protectedIn = async (stack: string) =>
  (await rendered(stack))
    .filter(({ options }) => options.protect)
    .map(({ kind, name, options }) => `${kind} ${name}${options.retainOnDelete ? ", retained" : ""}`);

describe("The program", () => {
  it("protects what the data of staging and production rests on, and elsewhere the released images alone", async () => {
    const staging = [
      "Namespace app, retained",
      "PersistentVolumeClaim database-data, retained",
      "aws Cluster cluster",
      "aws Key cluster-secrets",
      "aws Vpc network",
    ];
    assert.deepEqual((await protectedIn("staging")).sort(), staging);
    assert.deepEqual(
      (await protectedIn("prod")).sort(),
      [...staging, "PersistentVolumeClaim database-backups-data, retained"].sort(),
    );
    assert.deepEqual(await protectedIn("test"), [
      "aws LifecyclePolicy registry, retained",
      "aws Repository registry, retained",
      "aws RepositoryPolicy registry, retained",
    ]);
    assert.deepEqual(await protectedIn("dev"), []);
  });

  it("leaves no output undefined, which every preview would warn of", async () => {
    for (const { stack } of files)
      for (const [name, value] of Object.entries(await outputs(fileOf(stack))))
        assert.notEqual(value, undefined, `${name} in ${stack}`);
  });

  it("applies whatever has a fixed name as one field manager, whoever is interrupted", async () => {
    const own = (await rendered("prod")).filter(({ manifest, name }) => manifest && /^(app|web|database)/.test(name));
    // What the provider names itself ends like this here.
    const named = own.filter(({ object }) => !(object.metadata as { name: string }).name.endsWith("-0a1b2c3d"));
    assert.equal(named.length, 9);
    for (const { kind, name, object } of named) {
      const { annotations } = object.metadata as { annotations?: Record<string, string> };
      assert.equal(annotations?.["pulumi.com/patchFieldManager"], "slipway", `${kind} ${name}`);
    }
  });

  it("hands the build's secrets to the build", async () => {
    const file = fileOf("dev");
    const config = { ...file.config, "slipway:buildSecrets": { TOKEN: { secure: "v1:x" } } };
    const image = (await render({ ...file, config })).find(({ kind }) => kind === "docker-build Image");
    assert.deepEqual(image?.object.secrets, { TOKEN: "placeholder-for-slipway:buildSecrets.TOKEN" });
  });

  it("lets pods out to the DNS servers that the settings name, besides those of kube-system and of Amazon", async () => {
    const allowed = async (stack: string) => {
      const { config, ...file } = fileOf(stack);
      const cluster = { ...config["slipway:cluster"], dns: ["169.254.20.10"] };
      const resources = await render({ ...file, config: { ...config, "slipway:cluster": cluster } });
      // biome-ignore lint/suspicious/noExplicitAny: a NetworkPolicy, whose shape its kind tells
      const policy: any = resources.find(({ kind, name }) => kind === "NetworkPolicy" && name === "app-dns")?.object;
      // biome-ignore lint/suspicious/noExplicitAny: as above
      return policy.spec.egress[1].to.map(({ ipBlock }: any) => ipBlock.cidr);
    };
    assert.deepEqual(await allowed("dev"), ["169.254.20.10/32"]);
    const inAmazon = await allowed("prod");
    assert.equal(inAmazon.length, 2);
    assert.equal(inAmazon[1], "169.254.20.10/32");
  });

  it("adds the settings' annotations of the ingress to those that the load balancer in front of it needs", async () => {
    const ingressAnnotations = { "example.com/size": "8m" };
    const annotated = async (stack: string, more: object) => {
      const { config, ...file } = fileOf(stack);
      const web = { ...config["slipway:web"], ...more };
      const resources = await render({ ...file, config: { ...config, "slipway:web": web } });
      // biome-ignore lint/suspicious/noExplicitAny: an Ingress, whose shape its kind tells
      const ingress: any = resources.find(({ kind }) => kind === "Ingress")?.object;
      const { "pulumi.com/autonamed": _, "pulumi.com/patchForce": __, ...annotations } = ingress.metadata.annotations;
      return annotations;
    };
    const edge = await annotated("prod", {});
    assert.ok("alb.ingress.kubernetes.io/listen-ports" in edge);
    assert.deepEqual(await annotated("prod", { ingressAnnotations }), { ...edge, ...ingressAnnotations });
    assert.deepEqual(await annotated("test", { ingressAnnotations, tls: { issuer: "ours" } }), {
      ...ingressAnnotations,
      "cert-manager.io/cluster-issuer": "ours",
    });
  });

  it("lets a pod serve for as long as the load balancer in front of it needs, unless the settings say how long", async () => {
    const paused = (resources: Resource[]) => {
      // biome-ignore lint/suspicious/noExplicitAny: a Deployment, whose shape its kind tells
      const web: any = resources.find(({ kind }) => kind === "Deployment")?.object;
      return web.spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds;
    };
    assert.equal(paused(await rendered("dev")), 5);
    assert.equal(paused(await rendered("prod")), 60);
    const { config, ...file } = fileOf("prod");
    const set = { ...config, "slipway:web": { ...config["slipway:web"], drainSeconds: 7 } };
    assert.equal(paused(await render({ ...file, config: set }, files)), 7);
  });

  it("closes an earlier login of the database only after all of its clients have the new one", async () => {
    const close = (await rendered("prod")).find(({ name }) => name === "database-login-close");
    assert.ok(close?.dependsOn?.includes("web"));
    assert.ok(close?.dependsOn?.includes("database-backups"));
  });
});
