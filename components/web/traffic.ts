import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../../cluster/annotations.ts";
import { peer } from "../pods/outgoing.ts";
import type { WebAppArgs } from "../web.ts";

/** Creates the policy that allows requests to the application's port. */
export function networkPolicy(
  name: string,
  { namespace, port, allowFrom }: Pick<WebAppArgs, "namespace" | "port" | "allowFrom">,
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
        ingress: [{ from: allowFrom?.map(peer), ports: [{ protocol: "TCP", port }] }],
      },
    },
    opts,
  );
}

/** Creates the Service. With a fixed name, one that an interrupted operation left behind is adopted, and with it its port. */
export const webService = (
  name: string,
  {
    namespace,
    nodePort,
    annotations,
  }: Pick<WebAppArgs, "namespace" | "nodePort"> & { readonly annotations?: Readonly<Record<string, string>> },
  labels: Record<string, string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Service =>
  new k8s.core.v1.Service(
    name,
    {
      // Not awaited: after a failed rollout, its endpoint would never come.
      metadata: { namespace, labels, name, annotations: { ...sameFieldManager, ...skipAwait, ...annotations } },
      spec: {
        type: nodePort ? "NodePort" : "ClusterIP",
        selector: labels,
        ports: [{ name: "http", port: 80, targetPort: "http", nodePort }],
      },
    },
    opts,
  );

/** Path under a host that another Service serves than the rest of the host. */
export interface Route {
  readonly path: string;
  /** Name of the Service, in the same namespace. */
  readonly service: string;
}

/** Arguments of {@link ingress}. */
interface IngressArgs extends Pick<WebAppArgs, "namespace" | "ingressClass" | "ingressAnnotations" | "tls" | "routes"> {
  readonly host: string;
  /** Path below which the Service serves. @default all of the host */
  readonly path?: string;
}

/** Creates the ingress for a host name, with TLS only. */
export function ingress(
  name: string,
  { namespace, host, path = "/", routes = [], ingressClass, ingressAnnotations, tls }: IngressArgs,
  service: k8s.core.v1.Service,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.Ingress {
  const annotations = { ...ingressAnnotations, ...(tls?.issuer && issuerAnnotation(tls.issuer)) };
  const rule = (path: string, service: pulumi.Input<string>) => ({
    path,
    pathType: "Prefix",
    backend: { service: { name: service, port: { name: "http" } } },
  });
  const paths = [rule(path, service.metadata.name), ...routes.map(({ path, service }) => rule(path, service))];
  return new k8s.networking.v1.Ingress(
    name,
    {
      metadata: { namespace, annotations: Object.keys(annotations).length > 0 ? annotations : undefined },
      spec: {
        ingressClassName: ingressClass,
        tls: [{ hosts: [host], secretName: tls?.secret ?? `${name}-tls` }],
        rules: [{ host, http: { paths } }],
      },
    },
    opts,
  );
}

/** Annotation that names the certificate's issuer to cert-manager. */
const issuerAnnotation = (issuer: string): Record<string, string> =>
  issuer.startsWith("issuer/")
    ? { "cert-manager.io/issuer": issuer.slice("issuer/".length) }
    : { "cert-manager.io/cluster-issuer": issuer };

/** URL of the application: through the ingress, on the node's port, or inside the cluster. */
export function urlOf({ host, nodePort }: WebAppArgs, { metadata }: k8s.core.v1.Service): pulumi.Output<string> {
  if (host) return pulumi.output(`https://${host}`);
  if (nodePort) return pulumi.output(`http://localhost:${nodePort}`);
  return pulumi.interpolate`http://${metadata.name}.${metadata.namespace}`;
}
