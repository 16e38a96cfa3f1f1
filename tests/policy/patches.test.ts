import assert from "node:assert/strict";
import { rules } from "../../policy/rules.ts";
import { object, type TestResource, violatedRules } from "./rule-tests.ts";

const pod = (spec: object): TestResource => object("apps/v1:DeploymentPatch", { spec: { template: { spec } } });
const container = (props: object): TestResource => pod({ containers: [{ name: "web", ...props }] });
const secured = (securityContext: object): TestResource => container({ securityContext });
const storageClass = "storage.k8s.io/v1:StorageClassPatch";
const ingress = (spec: object): TestResource => object("networking.k8s.io/v1:IngressPatch", { spec });
const rule = { host: "app.example.com" };
const level = "pod-security.kubernetes.io/enforce";

/** Patches, and the rule that each violates. */
const refused: Readonly<Record<string, readonly [TestResource, rule: string]>> = {
  "a privileged container": [secured({ privileged: true }), "pod-restricted"],
  "privilege escalation": [secured({ allowPrivilegeEscalation: true }), "pod-restricted"],
  capabilities: [secured({ capabilities: { drop: [] } }), "pod-restricted"],
  "a container that may run as root": [secured({ runAsNonRoot: false }), "pod-restricted"],
  "the node's network": [pod({ hostNetwork: true }), "pod-restricted"],
  "no seccomp": [pod({ securityContext: { seccompProfile: { type: "Unconfined" } } }), "pod-restricted"],
  "a privileged init container": [
    pod({ initContainers: [{ name: "first", securityContext: { privileged: true } }] }),
    "pod-restricted",
  ],
  "a writable root filesystem": [secured({ readOnlyRootFilesystem: false }), "pod-read-only"],
  "a service account's token": [pod({ automountServiceAccountToken: true }), "pod-without-token"],
  "an image with a tag only": [container({ image: "localhost:5000/app:v1" }), "image-by-digest"],
  "a secret in a variable": [container({ env: [{ name: "API_TOKEN", value: "x" }] }), "plain-secret"],
  "a secret in a ConfigMap": [object("core/v1:ConfigMapPatch", { data: { password: "x" } }), "plain-secret"],
  "a load balancer": [object("core/v1:ServicePatch", { spec: { type: "LoadBalancer" } }), "public-load-balancer"],
  "a host without TLS": [ingress({ rules: [rule], tls: [{ hosts: ["b"] }] }), "public-load-balancer"],
  "a lower level of a namespace": [
    object("core/v1:NamespacePatch", { metadata: { labels: { [level]: "baseline" } } }),
    "namespace-restricted",
  ],
  "deletion of volumes with their claims": [object(storageClass, { reclaimPolicy: "Delete" }), "volumes-kept"],
};

const passed: Readonly<Record<string, TestResource>> = {
  replicas: object("apps/v1:DeploymentPatch", { spec: { replicas: 3 } }),
  "an annotation": object("apps/v1:DeploymentPatch", { metadata: { name: "web", annotations: { a: "b" } } }),
  "a termination grace period": pod({ terminationGracePeriodSeconds: 60 }),
  "a variable": container({ env: [{ name: "LOG_LEVEL", value: "debug" }], securityContext: null }),
  "a port and one limit": container({
    ports: [{ containerPort: 80 }],
    resources: { limits: { cpu: "1" } },
  }),
  "a label of a namespace": object("core/v1:NamespacePatch", { metadata: { name: "app", labels: { a: "b" } } }),
  "a host": ingress({ rules: [rule] }),
  "volume expansion of a class": object(storageClass, {
    provisioner: "ebs.csi.aws.com",
    allowVolumeExpansion: true,
  }),
};

describe("A patch of an existing object", () => {
  for (const [what, [patch, rule]] of Object.entries(refused))
    it(`violates only ${rule} if it sets ${what}`, async () =>
      assert.deepEqual(await violatedRules([...rules], [patch]), [rule]));

  for (const [what, patch] of Object.entries(passed))
    it(`violates no rule if it sets ${what} and leaves everything else out`, async () =>
      assert.deepEqual(await violatedRules([...rules], [patch]), []));
});
