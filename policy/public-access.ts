import { isPatch, kindOf } from "./pods.ts";
import { type Resource, resourceRule } from "./rule.ts";
import { list, unknown } from "./unknown-values.ts";

/** Annotations that keep the load balancer of a Service inside the network: of Amazon's controllers, the new and the old. */
const internal: Readonly<Record<string, string>> = {
  "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
  "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
};

/**
 * The settings speak of one way in: `slipway:web.host`, which makes an Ingress, and in AWS the edge that it goes
 * through. That one has a name, and speaks TLS.
 */
export const publicLoadBalancer = resourceRule<{ edges: readonly string[] }>(
  {
    id: "public-load-balancer",
    level: "mandatory",
    reason: "Whatever is open to the internet is attacked there, and is to be open because the settings say so.",
    remedy:
      "serve the application by slipway:web.host, in AWS with slipway:cluster.eks.domain; or make the load balancer an internal one",
    configuration: {
      edges: {
        type: "array",
        description: "Types of components whose load balancers the settings ask for.",
        default: ["slipway:index:Edge"],
      },
    },
  },
  (resource, { edges }) => {
    const asked = resource.urn
      .split("::")[2]
      ?.split("$")
      .some((type) => edges.includes(type));
    return asked ? [] : waysIn(resource);
  },
);

function waysIn(resource: Resource): string[] {
  const { type, props } = resource;
  switch (kindOf(resource) ?? type) {
    case "Service":
      return ofService(props);
    case "Ingress":
      return ofIngress(isPatch(resource) ? { ...props, spec: { tls: unknown, ...props.spec } } : props);
    case "IngressClassParams":
      return props.spec?.scheme === "internet-facing" ? ["its load balancers are open to the internet"] : [];
    case "Gateway":
      return ["it may be a load balancer that is open to the internet"];
    case "aws:lb/loadBalancer:LoadBalancer":
    case "aws:alb/loadBalancer:LoadBalancer":
    case "aws:elb/loadBalancer:LoadBalancer":
      return props.internal === true ? [] : ["it is open to the internet"];
    default:
      return [];
  }
}

function ofService({ metadata = {}, spec = {} }: Resource["props"]): string[] {
  const found: string[] = [];
  const annotations = Object.entries(metadata.annotations ?? {});
  if (spec.type === "LoadBalancer" && !annotations.some(([key, value]) => internal[key] === value))
    found.push("it is a load balancer that is open to the internet");
  if (list(spec.externalIPs).length > 0) found.push("it takes in what is sent to other addresses: externalIPs");
  return found;
}

function ofIngress({ spec = {} }: Resource["props"]): string[] {
  const secured = (host: string) => spec.tls === unknown || list(spec.tls).some((each) => covers(each, host));
  const found = list(spec.rules)
    .filter(({ host }) => host !== unknown && !(host && secured(host)))
    .map(({ host }) =>
      host ? `it serves ${host} in the clear: no tls names it` : "it serves whatever host it is asked for",
    );
  return spec.defaultBackend ? [...found, "it serves whatever host it is asked for: defaultBackend"] : found;
}

/** Without hosts it is for all; a `*` stands for one label: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls */
function covers({ hosts }: Resource["props"], host: string): boolean {
  const all = list(hosts);
  return all.length === 0 || [host, host.replace(/^[^.]+/, "*"), unknown].some((name) => all.includes(name));
}
