import { containersOf, isPatch, kindOf, ofContainers } from "./pods.ts";
import { resourceRule } from "./rule.ts";
import { list } from "./unknown-values.ts";

/** Whose pods are meant to run on. */
const servers = ["Deployment", "StatefulSet", "DaemonSet"];

/** A container that listens to nothing has nobody who waits for it, and nothing that could be asked. */
export const containerProbes = resourceRule(
  {
    id: "container-probes",
    level: "mandatory",
    reason:
      "Without a readiness probe requests go to a pod that can't answer yet, and a broken version replaces the old one; without a liveness probe one that hangs stays.",
    remedy: "give the container a readinessProbe and a livenessProbe (slipway:web.probes)",
  },
  (resource) => {
    if (!servers.includes(kindOf(resource) ?? "")) return [];
    const listening = ofContainers(resource, ({ props, init }) =>
      init || list(props.ports).length === 0
        ? []
        : ["readinessProbe", "livenessProbe"].filter((probe) => !props[probe]).map((probe) => `has no ${probe}`),
    );
    const ready = isPatch(resource) || containersOf(resource).some(({ props }) => props.readinessProbe);
    return listening.length > 0 || ready ? listening : ["no container of the pod has a readinessProbe"];
  },
);

export const containerResources = resourceRule(
  {
    id: "container-resources",
    level: "mandatory",
    reason:
      "Without requests a pod lands where there is no room for it; without limits one that leaks takes the room of its neighbours.",
    remedy: "set resources.requests and resources.limits, each with cpu and memory (slipway:web.resources)",
  },
  (resource) =>
    ofContainers(resource, ({ props: { resources } }) =>
      ["requests", "limits"].flatMap((part) =>
        ["cpu", "memory"]
          .filter((what) => !resources?.[part]?.[what])
          .map((what) => `has no resources.${part}.${what}`),
      ),
    ),
);
