import { isPatch, kindOf } from "./pods.ts";
import { type Resource, resourceRule } from "./rule.ts";
import { list, unknown } from "./unknown-values.ts";

/** Annotations of a Service for an internal load balancer: of AWS's current and earlier controllers. */
const internal: Readonly<Record<string, string>> = {
  "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
  "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
};

/** Allows only the public access that the settings ask for: `slipway:web.host` over TLS, and in AWS the edge for it. */
export const publicLoadBalancer = resourceRule<{ edges: readonly string[] }>(
  {
    id: "public-load-balancer",
    reason: "Whatever is open to the internet is attacked there, so only the settings may open it.",
    remedy:
      "serve the application by slipway:web.host, in AWS with slipway:cluster.eks.domain; or make the load balancer internal",
    configuration: {
      edges: {
        type: "array",
        description: "Types of components whose load balancers may be public.",
        default: ["slipway:index:Edge"],
      },
    },
  },
  (resource, { edges }) => {
    const allowed = resource.urn
      .split("::")[2]
      ?.split("$")
      .some((type) => edges.includes(type));
    return allowed ? [] : publicAccess(resource);
  },
);

function publicAccess(resource: Resource): string[] {
  const { type, props } = resource;
  switch (kindOf(resource) ?? type) {
    case "Service":
      return serviceProblems(props);
    case "Ingress":
      return ingressProblems(isPatch(resource) ? { ...props, spec: { tls: unknown, ...props.spec } } : props);
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

function serviceProblems({ metadata = {}, spec = {} }: Resource["props"]): string[] {
  const problems: string[] = [];
  const annotations = Object.entries(metadata.annotations ?? {});
  if (spec.type === "LoadBalancer" && !annotations.some(([key, value]) => internal[key] === value))
    problems.push("it is a load balancer that is open to the internet");
  if (list(spec.externalIPs).length > 0) problems.push("it receives traffic for other addresses: externalIPs");
  return problems;
}

function ingressProblems({ spec = {} }: Resource["props"]): string[] {
  const secured = (host: string) => spec.tls === unknown || list(spec.tls).some((each) => covers(each, host));
  const problems = list(spec.rules)
    .filter(({ host }) => host !== unknown && !(host && secured(host)))
    .map(({ host }) => (host ? `it serves ${host} without TLS: no tls names it` : "it serves every host"));
  return spec.defaultBackend ? [...problems, "it serves every host: defaultBackend"] : problems;
}

/** Whether a tls entry covers a host. Without hosts it covers all; `*` matches one label: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls */
function covers({ hosts }: Resource["props"], host: string): boolean {
  const all = list(hosts);
  return all.length === 0 || [host, host.replace(/^[^.]+/, "*"), unknown].some((name) => all.includes(name));
}
