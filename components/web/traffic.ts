import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { WebAppArgs } from "../web.ts";

/** A range of addresses has a slash, a namespace's name has none. */
const sourceOf = (from: string) =>
  from.includes("/")
    ? { ipBlock: { cidr: from } }
    : { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": from } } };

/** Lets requests in on the application's port, from where they may come; nothing else. What it may reach is the database's to say. */
export function networkPolicy(
  name: string,
  { namespace, port, allowFrom }: WebAppArgs,
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): void {
  new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: { namespace },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress"],
        ingress: [{ from: allowFrom?.map(sourceOf), ports: [{ protocol: "TCP", port }] }],
      },
    },
    opts,
  );
}

/** The annotation by which cert-manager knows who makes an ingress' certificate. */
const issuedBy = (issuer: string): Record<string, string> =>
  issuer.startsWith("issuer/")
    ? { "cert-manager.io/issuer": issuer.slice("issuer/".length) }
    : { "cert-manager.io/cluster-issuer": issuer };

/** Serves it under a host name, by TLS alone. */
export function ingress(
  name: string,
  { namespace, host, ingressClass, ingressAnnotations, tls }: WebAppArgs & { host: string },
  service: k8s.core.v1.Service,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.Ingress {
  const annotations = { ...ingressAnnotations, ...(tls?.issuer && issuedBy(tls.issuer)) };
  const backend = { service: { name: service.metadata.name, port: { name: "http" } } };
  return new k8s.networking.v1.Ingress(
    name,
    {
      metadata: { namespace, annotations: Object.keys(annotations).length > 0 ? annotations : undefined },
      spec: {
        ingressClassName: ingressClass,
        tls: [{ hosts: [host], secretName: tls?.secret ?? `${name}-tls` }],
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
    },
    opts,
  );
}

/** Where it is served: through the ingress, on the node's port, or inside the cluster. */
export function address({ host, nodePort }: WebAppArgs, service: k8s.core.v1.Service): pulumi.Input<string> {
  if (host) return `https://${host}`;
  if (nodePort) return `http://localhost:${nodePort}`;
  return pulumi.interpolate`http://${service.metadata.name}.${service.metadata.namespace}`;
}
