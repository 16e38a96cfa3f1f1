import { type Container, containerProblems, containersOf, isPatch, kindOf } from "./pods.ts";
import { resourceRule } from "./rule.ts";
import { list } from "./unknown-values.ts";

/** Kinds whose pods run permanently. */
const servers = ["Deployment", "StatefulSet", "DaemonSet"];

const hasNoPort = ({ props }: Container): boolean => list(props.ports).length === 0;

/**
 * Requires probes of containers with ports; others have nothing to probe. A pod without any port needs one all the same, or
 * `minReadySeconds`, in which a version that crashes does so before it replaces the old one.
 */
export const containerProbes = resourceRule(
  {
    id: "container-probes",
    reason:
      "Without a readiness probe a pod gets requests before it can answer, and a broken version replaces the old one; without a liveness probe a pod that hangs stays.",
    remedy:
      "give the container a readinessProbe and a livenessProbe (slipway:web.probes, slipway:processes.NAME.probes)",
  },
  (resource) => {
    if (!servers.includes(kindOf(resource) ?? "")) return [];
    const listening = containerProblems(resource, ({ props, init }) =>
      init || list(props.ports).length === 0
        ? []
        : ["readinessProbe", "livenessProbe"].filter((probe) => !props[probe]).map((probe) => `has no ${probe}`),
    );
    const settles = Number(resource.props.spec?.minReadySeconds) > 0 && containersOf(resource).every(hasNoPort);
    const ready = isPatch(resource) || settles || containersOf(resource).some(({ props }) => props.readinessProbe);
    return listening.length > 0 || ready ? listening : ["no container of the pod has a readinessProbe"];
  },
);

export const containerResources = resourceRule(
  {
    id: "container-resources",
    reason:
      "Without requests a pod is scheduled to a node without room for it; without limits a leak takes the memory of its neighbours.",
    remedy: "set resources.requests and resources.limits, each with cpu and memory (slipway:web.resources)",
  },
  (resource) =>
    containerProblems(resource, ({ props: { resources } }) =>
      ["requests", "limits"].flatMap((part) =>
        ["cpu", "memory"]
          .filter((what) => !resources?.[part]?.[what])
          .map((what) => `has no resources.${part}.${what}`),
      ),
    ),
);
