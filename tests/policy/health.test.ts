import { containerProbes, containerResources } from "../../policy/health.ts";
import { deployment, judges, object } from "./rule-tests.ts";

const probe = { httpGet: { path: "/", port: 80 } };
const probes = { readinessProbe: probe, livenessProbe: probe };
const ports = [{ containerPort: 80 }];
const some = { cpu: "10m", memory: "64Mi" };

judges(containerProbes, {
  passes: {
    "a server with both": deployment({ ports, ...probes }),
    "a container beside it that listens to nothing": object("apps/v1:StatefulSet", {
      spec: { template: { spec: { containers: [{ name: "server", ports, ...probes }, { name: "helper" }] } } },
    }),
    "a container that starts before": deployment({ ports, ...probes }, { initContainers: [{ name: "first", ports }] }),
    "a Job, which ends": object("batch/v1:Job", {
      spec: { template: { spec: { containers: [{ name: "a", ports }] } } },
    }),
  },
  fails: {
    "no readiness probe": [deployment({ ports, livenessProbe: probe }), /container web has no readinessProbe/],
    "no liveness probe": [deployment({ ports, readinessProbe: probe }), /container web has no livenessProbe/],
    "a pod on every node": [
      object("apps/v1:DaemonSet", { spec: { template: { spec: { containers: [{ name: "a" }] } } } }),
      /no container of the pod has a readinessProbe/,
    ],
    "a pod of which nobody says when it is ready": [deployment({}), /no container of the pod has a readinessProbe/],
  },
});

judges(containerResources, {
  passes: { "requests and limits": deployment({ resources: { requests: some, limits: some } }) },
  fails: {
    "requests alone": [
      deployment({ resources: { requests: some } }),
      /resources\.limits\.cpu[\s\S]*resources\.limits\.memory/,
    ],
    "nothing said": [deployment({}), /resources\.requests\.cpu/],
    "a container that starts before": [
      deployment({ resources: { requests: some, limits: some } }, { initContainers: [{ name: "first" }] }),
      /container first has no resources\.requests\.cpu/,
    ],
  },
});
