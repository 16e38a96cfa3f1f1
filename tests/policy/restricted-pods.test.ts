import { restrictedContainer, restrictedPod } from "../../components/pods/restricted.ts";
import { namespaceRestricted, podReadOnly, podRestricted, podWithoutToken } from "../../policy/restricted-pods.ts";
import { deployment, type Judged, judges, object } from "./rule-tests.ts";

const secured = restrictedContainer.securityContext;

/** A pod that is restricted but for this. */
const pod = (context: object, more: object = {}): Judged =>
  deployment(restrictedContainer, {
    ...restrictedPod(10001),
    securityContext: { ...restrictedPod(10001).securityContext, ...context },
    ...more,
  });
const container = (context: object, more: object = {}): Judged =>
  deployment({ securityContext: { ...secured, ...context }, ...more }, restrictedPod(10001));

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
const volumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const seLinuxTypes = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

judges(podRestricted, {
  passes: {
    "the pods of this project": pod({}),
    "a container that says itself what its pod does not": deployment(
      { securityContext: { ...secured, runAsNonRoot: true, seccompProfile: { type: "Localhost" } } },
      {},
    ),
    "the one capability that may be added": container({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }),
    "volumes that are not the node's": pod({}, { volumes: volumes.map((kind) => ({ name: kind, [kind]: {} })) }),
    "a setting of the kernel that is the pod's own": pod({
      sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
    }),
    ...Object.fromEntries(
      seLinuxTypes.map((type) => [`the SELinux type ${type} for containers`, pod({ seLinuxOptions: { type } })]),
    ),
    "probes and hooks of its own": container(
      {},
      {
        startupProbe: { httpGet: { path: "/", port: 80 } },
        lifecycle: { postStart: { httpGet: { port: 80 } }, preStop: { sleep: { seconds: 5 } } },
      },
    ),
    "what makes no pod": object("core/v1:Service", { spec: {} }),
  },
  fails: {
    "a setting of the node's kernel": [
      pod({ sysctls: [{ name: "kernel.msgmax" }] }),
      /the pod sets the kernel's kernel\.msgmax/,
    ],
    "a user of SELinux": [pod({ seLinuxOptions: { user: "system_u" } }), /the pod sets seLinuxOptions of its own/],
    "no AppArmor": [container({ appArmorProfile: { type: "Unconfined" } }), /container web is not held by AppArmor/],
    "a process of a Windows host": [pod({ windowsOptions: { hostProcess: true } }), /the pod is a process of the host/],
    "the node's /proc": [container({ procMount: "Unmasked" }), /container web sees \/proc of the node/],
    "a probe that goes elsewhere": [
      container({}, { livenessProbe: { httpGet: { host: "169.254.169.254", path: "/", port: 80 } } }),
      /container web has a probe that goes to another host/,
    ],
    "a probe of the start that goes elsewhere": [
      container({}, { startupProbe: { tcpSocket: { host: "10.0.0.1", port: 80 } } }),
      /container web has a probe that goes to another host/,
    ],
    "a request elsewhere once it started": [
      container({}, { lifecycle: { postStart: { httpGet: { host: "169.254.169.254", port: 80 } } } }),
      /container web has a lifecycle hook that goes to another host/,
    ],
    "a request elsewhere before it stops": [
      container({}, { lifecycle: { preStop: { tcpSocket: { host: "10.0.0.1", port: 80 } } } }),
      /container web has a lifecycle hook that goes to another host/,
    ],
    "root, by the pod's own number": [pod({ runAsUser: 0 }), /the pod runs as root: runAsUser is 0/],
    "a template of pods": [
      object("core/v1:PodTemplate", { template: { spec: { hostIPC: true } } }),
      /the pod has hostIPC/,
    ],
    "a pod by itself": [object("core/v1:Pod", { spec: { hostPID: true } }), /the pod has hostPID/],
    "all that is missing, in one": [
      deployment({}),
      /may gain privileges[\s\S]*keeps capabilities[\s\S]*has no seccompProfile[\s\S]*may run as root/,
    ],
  },
});

judges(podReadOnly, {
  passes: { "a root filesystem that is only read": container({}) },
  fails: { "one that nothing is said of": [deployment({}), /container web writes to its root filesystem/] },
});

judges(podWithoutToken, {
  passes: { "a pod without a token": pod({}), "what makes no pod": object("core/v1:Secret", {}) },
  fails: { "a pod that nothing is said of": [deployment({}), /the pod gets the token of a service account/] },
});

judges(namespaceRestricted, {
  passes: {
    "a restricted namespace": object("core/v1:Namespace", {
      metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    }),
  },
  fails: {
    "one without a level": [object("core/v1:Namespace", {}), /it enforces no Pod Security level/],
    "one of another level": [
      object("core/v1:Namespace", { metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } } }),
      /it enforces the Pod Security level privileged/,
    ],
  },
});
