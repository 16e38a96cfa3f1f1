import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * A program without the application's guards, so that its previews show what those refuse. The setting `change` lists
 * the differences from the first deployment.
 */
const config = new pulumi.Config();
const changes = config.getObject<string[]>("change") ?? [];
const changed = <T>(name: string, after: T, before: T): T => (changes.includes(name) ? after : before);

const provider = new k8s.Provider("cluster", {
  context: changed("unreachable", "no-such-cluster", "slipway-sandbox"),
});
const namespace = new k8s.core.v1.Namespace(
  "plain",
  { metadata: { name: changed("namespace", "review-plain-renamed", "review-plain") } },
  { provider },
).metadata.name;

const claim = (name: string, storage: string, options: pulumi.CustomResourceOptions, storageClassName?: string) =>
  new k8s.core.v1.PersistentVolumeClaim(
    name,
    {
      // No pod uses it, so its volume is never bound.
      metadata: { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage } } },
    },
    { provider, ...options },
  );
claim(
  "data",
  changed("shrink", "512Mi", "1Gi"),
  { protect: changed("protect", true, undefined) },
  changed("class", "other", undefined),
);
if (!changes.includes("forget")) claim("kept", "1Gi", { retainOnDelete: true });
claim("guarded", "1Gi", { protect: changed("lift", undefined, true) });

const image = changed("image", "registry.example.com/worker:2", "registry.example.com/worker:1");
type Labels = Record<string, string>;
const deployment = (name: string, metadata: object, replicas: number, strategy: object, selector: Labels) =>
  new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { ...metadata, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        replicas,
        strategy,
        selector: { matchLabels: selector },
        template: { metadata: { labels: selector }, spec: { containers: [{ name: "main", image }] } },
      },
    },
    { provider },
  );
const selector = { app: changed("selector", "another", "worker") };
deployment("some", {}, 4, { rollingUpdate: { maxUnavailable: "50%", maxSurge: 0 } }, selector);
deployment("all", { name: "all" }, 2, { type: "Recreate" }, { ...selector, strategy: "recreate" });

const token = config.requireSecret("token");
const hidden = (value: string) => changed("secrets", pulumi.interpolate`${value}-${token}`, token);
new k8s.core.v1.Secret(
  "plain-secret",
  { metadata: { namespace }, stringData: { token: hidden("secret") } },
  { provider },
);
new k8s.core.v1.ConfigMap(
  "leaky",
  {
    metadata: { namespace, annotations: { token: hidden("annotation") } },
    data: { [changed("secrets", "b", "a")]: hidden("data") },
  },
  { provider },
);

const hostile = [
  "</details><script>alert(1)</script>",
  "``` \n# heading\n@everyone [click](https://example.com) ![](https://example.com/i.png) #1",
  "x".repeat(5000),
];
new k8s.core.v1.ConfigMap(
  "settings",
  {
    metadata: { name: "settings", namespace },
    data: { a: "1", ...Object.fromEntries(changed("hostile", hostile, []).map((text, n) => [`h${n}`, text])) },
  },
  { provider },
);
const many = Array.from({ length: 300 }, (_, n) => n);
for (const n of changed("many", many, []))
  new k8s.core.v1.ConfigMap(
    `many-${n}`,
    { metadata: { namespace }, data: { text: `number ${n} `.repeat(20) } },
    { provider },
  );

if (changes.includes("throw")) throw new Error(`broken on purpose\n${"a line of a very long message\n".repeat(400)}`);
