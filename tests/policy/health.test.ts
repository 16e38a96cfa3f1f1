import { containerProbes, containerResources } from "../../policy/health.ts";
import { deployment, describeRule, object } from "./rule-tests.ts";

const probe = { httpGet: { path: "/", port: 80 } };
const probes = { readinessProbe: probe, livenessProbe: probe };
const ports = [{ containerPort: 80 }];
const some = { cpu: "10m", memory: "64Mi" };

describeRule(containerProbes, {
  accepts: {
    "a server with both probes": deployment({ ports, ...probes }),
    "a second container without ports": object("apps/v1:StatefulSet", {
      spec: { template: { spec: { containers: [{ name: "server", ports, ...probes }, { name: "helper" }] } } },
    }),
    "an init container": deployment({ ports, ...probes }, { initContainers: [{ name: "first", ports }] }),
    "a Deployment without ports, whose pods have to run for a while": object("apps/v1:Deployment", {
      spec: { minReadySeconds: 10, template: { spec: { containers: [{ name: "worker" }] } } },
    }),
    "a Job, which ends": object("batch/v1:Job", {
      spec: { template: { spec: { containers: [{ name: "a", ports }] } } },
    }),
  },
  refuses: {
    "a missing readiness probe": [deployment({ ports, livenessProbe: probe }), /container web has no readinessProbe/],
    "a missing liveness probe": [deployment({ ports, readinessProbe: probe }), /container web has no livenessProbe/],
    "a DaemonSet without readiness probe": [
      object("apps/v1:DaemonSet", { spec: { template: { spec: { containers: [{ name: "a" }] } } } }),
      /no container of the pod has a readinessProbe/,
    ],
    "a pod with a port that only has to run for a while": [
      object("apps/v1:Deployment", {
        spec: { minReadySeconds: 10, template: { spec: { containers: [{ name: "web", ports }] } } },
      }),
      /container web has no readinessProbe/,
    ],
    "a pod without readiness probe": [deployment({}), /no container of the pod has a readinessProbe/],
  },
});

describeRule(containerResources, {
  accepts: { "requests and limits": deployment({ resources: { requests: some, limits: some } }) },
  refuses: {
    "missing limits": [
      deployment({ resources: { requests: some } }),
      /resources\.limits\.cpu[\s\S]*resources\.limits\.memory/,
    ],
    "missing requests": [deployment({}), /resources\.requests\.cpu/],
    "an init container without requests": [
      deployment({ resources: { requests: some, limits: some } }, { initContainers: [{ name: "first" }] }),
      /container first has no resources\.requests\.cpu/,
    ],
  },
});
