import { publicLoadBalancer } from "../../policy/public-access.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { judges, object } from "./rule-tests.ts";

const service = (spec: object, annotations: object = {}) =>
  object("core/v1:Service", { metadata: { annotations }, spec });
const ingress = (spec: object) => object("networking.k8s.io/v1:Ingress", { spec });
const parameters = { spec: { scheme: "internet-facing" } };
const type = "eks.amazonaws.com/v1:IngressClassParams";
const below = (component: string) => ({ urn: `urn:pulumi:prod::slipway::${component}$kubernetes:${type}::it` });
const balancer = (props: object) => ({ type: "aws:lb/loadBalancer:LoadBalancer", props });

judges(publicLoadBalancer, {
  passes: {
    "a Service inside": service({}),
    "a port of the node, which slipway:web.nodePort asks for": service({ type: "NodePort" }),
    "a load balancer inside": service(
      { type: "LoadBalancer" },
      { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" },
    ),
    "one inside by the older name for it": service(
      { type: "LoadBalancer" },
      { "service.beta.kubernetes.io/aws-load-balancer-internal": "true" },
    ),
    "a host over TLS": ingress({ tls: [{ hosts: ["app.example.com"] }], rules: [{ host: "app.example.com" }] }),
    "a host below one that TLS names with a *": ingress({
      tls: [{ hosts: ["*.example.com"] }],
      rules: [{ host: "app.example.com" }, { host: "*.example.com" }],
    }),
    "hosts under the controller's own certificate": ingress({
      tls: [{}],
      rules: [{ host: "a.example.com" }, { host: "b" }],
    }),
    "hosts that are not known yet": ingress({
      tls: [{ hosts: [unknown] }],
      rules: [{ host: unknown }, { host: "app.example.com" }],
    }),
    "the edge's own load balancers": object(type, parameters, below("slipway:index:Edge")),
    "load balancers inside": object(type, { spec: { scheme: "internal" } }),
    "an internal load balancer of Amazon's": balancer({ internal: true }),
  },
  fails: {
    "a load balancer": [service({ type: "LoadBalancer" }), /it is a load balancer that is open to the internet/],
    "one that is said to be public": [
      service({ type: "LoadBalancer" }, { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing" }),
      /it is a load balancer that is open to the internet/,
    ],
    "addresses of others": [service({ externalIPs: ["192.0.2.1"] }), /externalIPs/],
    "a host in the clear": [
      ingress({ rules: [{ host: "app.example.com" }] }),
      /it serves app\.example\.com in the clear/,
    ],
    ...Object.fromEntries(
      ["example.com", "a.app.example.com", "app.example.org"].map((host) => [
        `${host}, which is not one label below`,
        [
          ingress({ tls: [{ hosts: ["*.example.com"] }], rules: [{ host }] }),
          new RegExp(`it serves ${host} in the cl`),
        ],
      ]),
    ),
    "any host over TLS": [ingress({ tls: [{}], rules: [{ http: {} }] }), /it serves whatever host it is asked for/],
    "any host": [ingress({ rules: [{ http: {} }] }), /it serves whatever host it is asked for/],
    "a backend for all the rest": [ingress({ defaultBackend: {} }), /defaultBackend/],
    "load balancers of something else": [object(type, parameters, below("other:index:Way")), /open to the internet/],
    "a gateway": [object("gateway.networking.k8s.io/v1:Gateway", { spec: {} }), /may be a load balancer/],
    "a load balancer of Amazon's": [balancer({}), /it is open to the internet/],
  },
});

judges(publicLoadBalancer, {
  configuration: { edges: ["other:index:Way"] },
  passes: { "the load balancers of what is listed": object(type, parameters, below("other:index:Way")) },
  fails: {
    "those of what no longer is": [object(type, parameters, below("slipway:index:Edge")), /open to the internet/],
  },
});
