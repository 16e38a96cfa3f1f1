import { at, type KubernetesObject } from "../object.ts";
import { specOf, statusOf, type Verdict } from "./verdict.ts";

/**
 * A claim is ready when it is bound.
 * @param bindsLate its class binds it only when a pod uses it: then there is nothing to wait for
 */
export function judgeClaim(claim: KubernetesObject, bindsLate: boolean): Verdict {
  const phase = String(statusOf(claim).phase ?? "Pending");
  if (phase === "Bound" || bindsLate) return { state: "ready" };
  const storageClass = specOf(claim).storageClassName ?? "(none)";
  return {
    state: "waiting",
    progress: `Waiting for PersistentVolumeClaim to be bound (${phase})`,
    causes: [`PersistentVolumeClaim is ${phase}, not Bound; its StorageClass is ${storageClass}`],
  };
}

/** A volume is ready when it can be, or is, bound. */
export function judgeVolume(volume: KubernetesObject): Verdict {
  const phase = String(statusOf(volume).phase ?? "Pending");
  if (phase === "Available" || phase === "Bound") return { state: "ready" };
  return { state: "waiting", progress: `Waiting for volume (${phase})`, causes: [`PersistentVolume is ${phase}`] };
}

/** Whether a Service finds its pods by a selector, so that its endpoints are worth waiting for. */
export function selectsPods(service: KubernetesObject): boolean {
  const { selector = {}, type, clusterIP } = specOf(service);
  return Object.keys(selector as object).length > 0 && type !== "ExternalName" && clusterIP !== "None";
}

/**
 * A Service is ready when it has a pod to send to, if it selects any, and the address of its load balancer, if it is to have
 * one.
 * @param slices its EndpointSlices
 */
export function judgeService(service: KubernetesObject, slices: KubernetesObject[]): Verdict {
  const isReady = (endpoint: unknown) => at(endpoint, "conditions", "ready") !== false;
  const hasPods = slices.some((slice) => ((slice.endpoints ?? []) as unknown[]).some(isReady));
  if (selectsPods(service) && !hasPods) {
    return {
      state: "waiting",
      progress: "Finding Pods to direct traffic to",
      causes: [
        "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
      ],
    };
  }
  if (specOf(service).type === "LoadBalancer" && !hasAddress(service)) {
    return {
      state: "waiting",
      progress: "Attempting to allocate IP address to Service",
      causes: ["Service was not allocated an IP address; does your cloud provider support this?"],
    };
  }
  return { state: "ready", message: "Service initialization complete" };
}

/** An Ingress is ready when its controller has published the address where it listens. */
export function judgeIngress(ingress: KubernetesObject): Verdict {
  if (hasAddress(ingress)) return { state: "ready", message: "Ingress initialization complete" };
  return {
    state: "waiting",
    progress: "Waiting for update of .status.loadBalancer with hostname/IP",
    causes: [
      "Ingress .status.loadBalancer field was not updated with a hostname/IP address: is an ingress controller running for its class?",
    ],
  };
}

function hasAddress(object: KubernetesObject): boolean {
  const ingress = at(object, "status", "loadBalancer", "ingress");
  return Array.isArray(ingress) && ingress.length > 0;
}
