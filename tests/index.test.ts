import assert from "node:assert/strict";
import { outputs, type Resource, render } from "../commands/environments/render.ts";
import { fileOf, files, rendered } from "./commands/environments/committed.ts";

// biome-ignore lint/suspicious/noExplicitAny: settings of any kind
type Settings = Record<string, any>;

/** Renders an environment with changes to the settings of one part. */
const renderedWith = (stack: string, part: string, changes: Settings): Promise<Resource[]> => {
  const { config, ...file } = fileOf(stack);
  return render({ ...file, config: { ...config, [part]: { ...(config as Settings)[part], ...changes } } });
};

// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
const one = (resources: Resource[], kind: string, name?: string): any =>
  resources.find((each) => each.kind === kind && (name === undefined || each.name === name))?.object;

describe("The program", () => {
  it("protects the data of staging and production with all that holds it, and elsewhere only the images", async () => {
    const protectedIn = async (stack: string) =>
      (await rendered(stack))
        .filter(({ options }) => options.protect)
        .map(({ kind, name, options }) => `${kind} ${name}${options.retainOnDelete ? ", retained" : ""}`)
        .sort();
    const staging = [
      "Namespace app, retained",
      "PersistentVolumeClaim database-data, retained",
      "aws Cluster cluster",
      "aws Key cluster-secrets",
      "aws Vpc network",
    ];
    assert.deepEqual(await protectedIn("staging"), staging);
    const backups = "PersistentVolumeClaim database-backups-data, retained";
    assert.deepEqual(await protectedIn("prod"), [...staging, backups].sort());
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

  it("applies every object with a fixed name as one field manager, so that the next up adopts it", async () => {
    const own = (await rendered("prod")).filter(({ manifest, name }) => manifest && /^(app|web|database)/.test(name));
    const metadataOf = ({ object }: Resource) => object.metadata as { name: string; annotations?: Settings };
    // A generated name ends like this here.
    const fixed = own.filter((each) => !metadataOf(each).name.endsWith("-0a1b2c3d"));
    assert.equal(fixed.length, 9);
    for (const each of fixed)
      assert.equal(metadataOf(each).annotations?.["pulumi.com/patchFieldManager"], "slipway", each.name);
  });

  it("passes the build's secrets to the build", async () => {
    const resources = await renderedWith("dev", "slipway:buildSecrets", { TOKEN: { secure: "v1:x" } });
    const { secrets } = one(resources, "docker-build Image");
    assert.deepEqual(secrets, { TOKEN: "placeholder-for-slipway:buildSecrets.TOKEN" });
  });

  it("allows DNS queries to the servers in the settings, besides those of the cluster", async () => {
    for (const [stack, own] of [
      ["dev", []],
      ["prod", ["172.20.0.10/32"]],
    ] as const) {
      const resources = await renderedWith(stack, "slipway:cluster", { dns: ["169.254.20.10"] });
      const { to } = one(resources, "NetworkPolicy", "app-dns").spec.egress[1];
      const blocks = [...own, "169.254.20.10/32"].map((cidr) => ({ ipBlock: { cidr } }));
      assert.deepEqual(to, blocks, stack);
    }
  });

  it("adds the settings' ingress annotations to those of the platform", async () => {
    const annotations = async (stack: string, changes: Settings) => {
      const { metadata } = one(await renderedWith(stack, "slipway:web", changes), "Ingress");
      const { "pulumi.com/autonamed": _, "pulumi.com/patchForce": __, ...rest } = metadata.annotations;
      return rest;
    };
    const ingressAnnotations = { "example.com/size": "8m" };
    const platform = await annotations("prod", {});
    assert.ok("alb.ingress.kubernetes.io/listen-ports" in platform);
    assert.deepEqual(await annotations("prod", { ingressAnnotations }), { ...platform, ...ingressAnnotations });
    assert.deepEqual(await annotations("test", { ingressAnnotations, tls: { issuer: "ours" } }), {
      ...ingressAnnotations,
      "cert-manager.io/cluster-issuer": "ours",
    });
  });

  it("drains pods for as long as the platform's load balancer needs, or as the settings say", async () => {
    const drainSeconds = (resources: Resource[]) =>
      one(resources, "Deployment").spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds;
    assert.equal(drainSeconds(await rendered("dev")), 5);
    assert.equal(drainSeconds(await rendered("prod")), 60);
    assert.equal(drainSeconds(await renderedWith("prod", "slipway:web", { drainSeconds: 7 })), 7);
  });

  it("closes earlier logins of the database only after all of its clients have the new one", async () => {
    const close = (await rendered("prod")).find(({ name }) => name === "database-login-close");
    assert.ok(close?.dependsOn?.includes("web"));
    assert.ok(close?.dependsOn?.includes("database-backups"));
  });

  const cache = { image: "valkey/valkey:8.1", port: 6379, volumes: { "/data": { storage: "1Gi" } } };

  it("lets web and its migration reach accessories, and keeps their volumes as the database's", async () => {
    const resources = await renderedWith("prod", "slipway:accessories", { cache });
    const label = "slipway/accessory-client";
    const labelled = resources.filter(
      ({ object }) => label in ((object as Settings).spec?.template?.metadata?.labels ?? {}),
    );
    assert.deepEqual(labelled.map(({ kind, name }) => `${kind} ${name}`).sort(), [
      "Deployment web",
      "Job web-migration",
    ]);
    assert.ok((await rendered("prod")).every(({ object }) => !JSON.stringify(object).includes(label)));
    const claim = resources.find(({ name }) => name === "cache-data");
    assert.ok(claim);
    assert.deepEqual([claim.options.protect, claim.options.retainOnDelete], [true, true]);
    assert.equal((claim.object as Settings).spec.storageClassName, "gp3");
    assert.deepEqual(one(resources, "NetworkPolicy", "cache-access").spec.egress.length, 3, "prod's DNS server too");
  });

  it("protects the namespace and the volumes of a stack without a database if one of them says so", async () => {
    const { config, ...file } = fileOf("dev");
    const { "slipway:database": _, "slipway:databasePassword": __, ...rest } = config as Settings;
    const withVolumes = async (protect: boolean) => {
      const volumes = { "/app/uploads": { storage: "1Gi" }, "/srv/files": { storage: "1Gi", protect } };
      const web = { ...rest["slipway:web"], replicas: 1, volumes };
      const resources = await render({ ...file, config: { ...rest, "slipway:web": web } });
      return resources.filter(({ options }) => options.protect).map(({ name }) => name);
    };
    assert.deepEqual(await withVolumes(true), ["app", "web-files", "web-uploads"]);
    assert.deepEqual(await withVolumes(false), []);
  });

  it("records the volumes in the output `data`, and nothing more without any", async () => {
    const dataOf = async (accessories: object) => {
      const { config, ...file } = fileOf("dev");
      const { data } = await outputs({ ...file, config: { ...config, "slipway:accessories": accessories } });
      return data as Settings;
    };
    assert.ok(!("volumes" in (await dataOf({}))));
    assert.deepEqual((await dataOf({ cache })).volumes, [
      {
        setting: 'slipway:accessories.cache.volumes["/data"]',
        claim: "cache-data",
        storage: "1Gi",
        storageClass: undefined,
        access: "ReadWriteOnce",
      },
    ]);
  });
});
