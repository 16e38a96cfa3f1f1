import assert from "node:assert/strict";
import { rules } from "../../policy/rules.ts";
import { broken, type Judged, object } from "./rule-tests.ts";

const pod = (spec: object): Judged => object("apps/v1:DeploymentPatch", { spec: { template: { spec } } });
const container = (props: object): Judged => pod({ containers: [{ name: "web", ...props }] });
const secured = (securityContext: object): Judged => container({ securityContext });
const storageClass = "storage.k8s.io/v1:StorageClassPatch";
const ingress = (spec: object): Judged => object("networking.k8s.io/v1:IngressPatch", { spec });
const rule = { host: "app.example.com" };
const level = "pod-security.kubernetes.io/enforce";

/** What patches set, and the rule that refuses it. */
const refused: Readonly<Record<string, readonly [Judged, rule: string]>> = {
  "a privileged container": [secured({ privileged: true }), "pod-restricted"],
  "a way to privileges": [secured({ allowPrivilegeEscalation: true }), "pod-restricted"],
  "kept capabilities": [secured({ capabilities: { drop: [] } }), "pod-restricted"],
  "a container that may be root": [secured({ runAsNonRoot: false }), "pod-restricted"],
  "the node's network": [pod({ hostNetwork: true }), "pod-restricted"],
  "no seccomp": [pod({ securityContext: { seccompProfile: { type: "Unconfined" } } }), "pod-restricted"],
  "a container that starts before": [
    pod({ initContainers: [{ name: "first", securityContext: { privileged: true } }] }),
    "pod-restricted",
  ],
  "a root filesystem that can be written to": [secured({ readOnlyRootFilesystem: false }), "pod-read-only"],
  "the token of a service account": [pod({ automountServiceAccountToken: true }), "pod-without-token"],
  "an image by its tag": [container({ image: "localhost:5000/app:v1" }), "image-by-digest"],
  "a secret": [container({ env: [{ name: "API_TOKEN", value: "x" }] }), "plain-secret"],
  "a secret in a ConfigMap": [object("core/v1:ConfigMapPatch", { data: { password: "x" } }), "plain-secret"],
  "a load balancer": [object("core/v1:ServicePatch", { spec: { type: "LoadBalancer" } }), "public-load-balancer"],
  "a host in the clear": [ingress({ rules: [rule], tls: [{ hosts: ["b"] }] }), "public-load-balancer"],
  "a namespace that admits more": [
    object("core/v1:NamespacePatch", { metadata: { labels: { [level]: "baseline" } } }),
    "namespace-restricted",
  ],
  "volumes that go with their claims": [object(storageClass, { reclaimPolicy: "Delete" }), "volumes-kept"],
};

const passed: Readonly<Record<string, Judged>> = {
  "a number of pods": object("apps/v1:DeploymentPatch", { spec: { replicas: 3 } }),
  "an annotation": object("apps/v1:DeploymentPatch", { metadata: { name: "web", annotations: { a: "b" } } }),
  "a time to stop in": pod({ terminationGracePeriodSeconds: 60 }),
  "a variable": container({ env: [{ name: "LOG_LEVEL", value: "debug" }], securityContext: null }),
  "a port, and some of the resources": container({
    ports: [{ containerPort: 80 }],
    resources: { limits: { cpu: "1" } },
  }),
  "a label of a namespace": object("core/v1:NamespacePatch", { metadata: { name: "app", labels: { a: "b" } } }),
  "a host": ingress({ rules: [rule] }),
  "what a class of volumes lets grow": object(storageClass, {
    provisioner: "ebs.csi.aws.com",
    allowVolumeExpansion: true,
  }),
};

describe("A patch of what is there already", () => {
  for (const [what, [patch, rule]] of Object.entries(refused))
    it(`that sets ${what} is refused by ${rule}, and by no other rule`, async () =>
      assert.deepEqual(await broken([...rules], [patch]), [rule]));

  for (const [what, patch] of Object.entries(passed))
    it(`that sets ${what} is not refused for what it leaves out`, async () =>
      assert.deepEqual(await broken([...rules], [patch]), []));
});
