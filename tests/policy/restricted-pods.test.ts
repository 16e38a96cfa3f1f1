import { restrictedContainer, restrictedPod } from "../../components/pods/restricted.ts";
import { namespaceRestricted, podReadOnly, podRestricted, podWithoutToken } from "../../policy/restricted-pods.ts";
import { deployment, describeRule, object, type TestResource } from "./rule-tests.ts";

const secured = restrictedContainer.securityContext;

/** Restricted pod with these changes. */
const pod = (context: object, more: object = {}): TestResource =>
  deployment(restrictedContainer, {
    ...restrictedPod(10001),
    securityContext: { ...restrictedPod(10001).securityContext, ...context },
    ...more,
  });
const container = (context: object, more: object = {}): TestResource =>
  deployment({ securityContext: { ...secured, ...context }, ...more }, restrictedPod(10001));

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
const volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "projected", "secret"];
const seLinuxTypes = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

describeRule(podRestricted, {
  accepts: {
    "the pods of this project": pod({}),
    "a container with settings that its pod lacks": deployment(
      { securityContext: { ...secured, runAsNonRoot: true, seccompProfile: { type: "Localhost" } } },
      {},
    ),
    "the one capability that may be added": container({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }),
    "allowed volumes": pod({}, { volumes: volumes.map((kind) => ({ name: kind, [kind]: {} })) }),
    "a pod that listens on a port below 1024": deployment(restrictedContainer, restrictedPod(10001, 80)),
    "a safe sysctl": pod({
      sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }],
    }),
    ...Object.fromEntries(
      seLinuxTypes.map((type) => [`the SELinux type ${type} for containers`, pod({ seLinuxOptions: { type } })]),
    ),
    "probes and hooks of the pod itself": container(
      {},
      {
        startupProbe: { httpGet: { path: "/", port: 80 } },
        lifecycle: { postStart: { httpGet: { port: 80 } }, preStop: { sleep: { seconds: 5 } } },
      },
    ),
    "an object without pods": object("core/v1:Service", { spec: {} }),
  },
  refuses: {
    "the node's network": [pod({}, { hostNetwork: true }), /the pod has hostNetwork/],
    "a folder of the node": [
      pod({}, { volumes: [{ name: "host", hostPath: { path: "/" } }] }),
      /the volume host is a hostPath/,
    ],
    "unconfined seccomp": [pod({ seccompProfile: { type: "Unconfined" } }), /the pod is not confined by seccomp/],
    "a container that may run as root": [container({ runAsNonRoot: false }), /container web may run as root/],
    "a container with root's user id": [container({ runAsUser: 0 }), /container web runs as root: runAsUser is 0/],
    "an added capability": [
      container({ capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } }),
      /container web adds the capabilities NET_ADMIN/,
    ],
    "a privileged container": [container({ privileged: true }), /container web is privileged/],
    "a port of the node": [container({}, { ports: [{ hostPort: 80 }] }), /container web takes a port of the node/],
    "an init container without security settings": [
      pod({}, { initContainers: [{ name: "first" }] }),
      /container first may gain privileges.*\ncontainer first keeps capabilities/,
    ],
    "an unsafe sysctl": [pod({ sysctls: [{ name: "kernel.msgmax" }] }), /the pod sets the kernel's kernel\.msgmax/],
    "a user for SELinux": [pod({ seLinuxOptions: { user: "system_u" } }), /the pod sets seLinuxOptions of its own/],
    "unconfined AppArmor": [
      container({ appArmorProfile: { type: "Unconfined" } }),
      /container web is not confined by AppArmor/,
    ],
    "a process of a Windows host": [pod({ windowsOptions: { hostProcess: true } }), /the pod is a process of the host/],
    "the node's /proc": [container({ procMount: "Unmasked" }), /container web sees \/proc of the node/],
    "a probe of another host": [
      container({}, { livenessProbe: { httpGet: { host: "169.254.169.254", path: "/", port: 80 } } }),
      /container web has a probe of another host/,
    ],
    "a startup probe of another host": [
      container({}, { startupProbe: { tcpSocket: { host: "10.0.0.1", port: 80 } } }),
      /container web has a probe of another host/,
    ],
    "a postStart hook to another host": [
      container({}, { lifecycle: { postStart: { httpGet: { host: "169.254.169.254", port: 80 } } } }),
      /container web has a lifecycle hook to another host/,
    ],
    "a preStop hook to another host": [
      container({}, { lifecycle: { preStop: { tcpSocket: { host: "10.0.0.1", port: 80 } } } }),
      /container web has a lifecycle hook to another host/,
    ],
    "a pod with root's user id": [pod({ runAsUser: 0 }), /the pod runs as root: runAsUser is 0/],
    "a pod template": [object("core/v1:PodTemplate", { template: { spec: { hostIPC: true } } }), /the pod has hostIPC/],
    "a single pod": [object("core/v1:Pod", { spec: { hostPID: true } }), /the pod has hostPID/],
    "a container without any security settings, in one message": [
      deployment({}),
      /may gain privileges[\s\S]*keeps capabilities[\s\S]*has no seccompProfile[\s\S]*may run as root/,
    ],
  },
});

describeRule(podReadOnly, {
  accepts: { "a read-only root filesystem": container({}) },
  refuses: { "a container without that setting": [deployment({}), /container web can write to its root filesystem/] },
});

describeRule(podWithoutToken, {
  accepts: { "a pod without a token": pod({}), "an object without pods": object("core/v1:Secret", {}) },
  refuses: { "a pod without that setting": [deployment({}), /the pod has a service account's token/] },
});

describeRule(namespaceRestricted, {
  accepts: {
    "a restricted namespace": object("core/v1:Namespace", {
      metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    }),
  },
  refuses: {
    "a namespace without a level": [object("core/v1:Namespace", {}), /it enforces no Pod Security level/],
    "a namespace of another level": [
      object("core/v1:Namespace", { metadata: { labels: { "pod-security.kubernetes.io/enforce": "privileged" } } }),
      /it enforces the Pod Security level privileged/,
    ],
  },
});
