import { publicLoadBalancer } from "../../policy/public-access.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { describeRule, object } from "./rule-tests.ts";

const service = (spec: object, annotations: object = {}) =>
  object("core/v1:Service", { metadata: { annotations }, spec });
const ingress = (spec: object) => object("networking.k8s.io/v1:Ingress", { spec });
const parameters = { spec: { scheme: "internet-facing" } };
const type = "eks.amazonaws.com/v1:IngressClassParams";
const below = (component: string) => ({ urn: `urn:pulumi:prod::slipway::${component}$kubernetes:${type}::it` });
const balancer = (props: object) => ({ type: "aws:lb/loadBalancer:LoadBalancer", props });

describeRule(publicLoadBalancer, {
  accepts: {
    "an internal Service": service({}),
    "a node port, for slipway:web.nodePort": service({ type: "NodePort" }),
    "an internal load balancer": service(
      { type: "LoadBalancer" },
      { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" },
    ),
    "an internal load balancer by the older annotation": service(
      { type: "LoadBalancer" },
      { "service.beta.kubernetes.io/aws-load-balancer-internal": "true" },
    ),
    "a host over TLS": ingress({ tls: [{ hosts: ["app.example.com"] }], rules: [{ host: "app.example.com" }] }),
    "a host that matches a wildcard of tls": ingress({
      tls: [{ hosts: ["*.example.com"] }],
      rules: [{ host: "app.example.com" }, { host: "*.example.com" }],
    }),
    "hosts with the controller's default certificate": ingress({
      tls: [{}],
      rules: [{ host: "a.example.com" }, { host: "b" }],
    }),
    "unknown hosts": ingress({
      tls: [{ hosts: [unknown] }],
      rules: [{ host: unknown }, { host: "app.example.com" }],
    }),
    "load balancers of the edge": object(type, parameters, below("slipway:index:Edge")),
    "internal load balancers of a class": object(type, { spec: { scheme: "internal" } }),
    "an internal load balancer in AWS": balancer({ internal: true }),
  },
  refuses: {
    "a public load balancer": [service({ type: "LoadBalancer" }), /it is a load balancer that is open to the internet/],
    "a load balancer with a public annotation": [
      service({ type: "LoadBalancer" }, { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing" }),
      /it is a load balancer that is open to the internet/,
    ],
    "external addresses": [service({ externalIPs: ["192.0.2.1"] }), /externalIPs/],
    "a host without TLS": [
      ingress({ rules: [{ host: "app.example.com" }] }),
      /it serves app\.example\.com without TLS/,
    ],
    ...Object.fromEntries(
      ["example.com", "a.app.example.com", "app.example.org"].map((host) => [
        `${host}, which the wildcard does not match`,
        [ingress({ tls: [{ hosts: ["*.example.com"] }], rules: [{ host }] }), new RegExp(`it serves ${host} without`)],
      ]),
    ),
    "every host with TLS": [ingress({ tls: [{}], rules: [{ http: {} }] }), /it serves every host/],
    "every host": [ingress({ rules: [{ http: {} }] }), /it serves every host/],
    "a default backend": [ingress({ defaultBackend: {} }), /defaultBackend/],
    "load balancers of another component": [object(type, parameters, below("other:index:Way")), /open to the internet/],
    "a gateway": [object("gateway.networking.k8s.io/v1:Gateway", { spec: {} }), /may be a load balancer/],
    "a public load balancer in AWS": [balancer({}), /it is open to the internet/],
  },
});

describeRule(publicLoadBalancer, {
  configuration: { edges: ["other:index:Way"] },
  accepts: { "load balancers of a listed component": object(type, parameters, below("other:index:Way")) },
  refuses: {
    "load balancers of a component that is no longer listed": [
      object(type, parameters, below("slipway:index:Edge")),
      /open to the internet/,
    ],
  },
});
