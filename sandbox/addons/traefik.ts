import type { CompiledPart } from "../parts.ts";
import { cluster } from "../paths.ts";
import { apply, waitForRollout } from "./apply.ts";
import { ensureProgramImage } from "./program-image.ts";
import { type KubernetesObject, labelsOf, read, workloadObjects } from "./workload.ts";

const name = "traefik";

/** Part that serves applications under their hosts. */
export const traefikPart: CompiledPart = {
  name,
  module: "github.com/traefik/traefik/v3",
  stamp: (version) => [`github.com/traefik/traefik/v3/pkg/version.Version=${version.slice(1)}`],
};

/** Runs Traefik as the default IngressClass, on ports 80 and 443 of the node's address. @throws UserError if it does not become ready */
export async function ensureTraefik(): Promise<void> {
  await apply("Traefik", objects(await ensureProgramImage(name)));
  await waitForRollout(name);
}

function objects(image: string): KubernetesObject[] {
  const workload = {
    name,
    image,
    args: [
      "--global.checknewversion=false",
      "--global.sendanonymoususage=false",
      "--ping=true",
      "--entrypoints.traefik.address=:8080",
      "--entrypoints.web.address=:8000",
      "--entrypoints.web.http.redirections.entrypoint.scheme=https",
      // The Service's port, not the pod's.
      "--entrypoints.web.http.redirections.entrypoint.to=:443",
      "--entrypoints.websecure.address=:8443",
      "--entrypoints.websecure.asdefault=true",
      "--entrypoints.websecure.http.tls=true",
      "--providers.kubernetesingress=true",
      `--providers.kubernetesingress.ingressclass=${name}`,
      // Pulumi waits until an Ingress has an address.
      `--providers.kubernetesingress.ingressendpoint.ip=${cluster.nodeAddress}`,
    ],
    ports: { ping: 8080, http: 8000, https: 8443 },
    readiness: { path: "/ping", port: "ping" },
    rules: [
      { apiGroups: [""], resources: ["nodes", "secrets", "services"], verbs: read },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
      { apiGroups: ["networking.k8s.io"], resources: ["ingressclasses", "ingresses"], verbs: read },
      { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
    ],
  };
  return [
    ...workloadObjects(workload),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: name },
      spec: {
        selector: labelsOf(name),
        // The bridge's address, so that ports 80 and 443 of the machine's other addresses stay free.
        externalIPs: [cluster.nodeAddress],
        ports: [
          { name: "http", port: 80, targetPort: "http" },
          { name: "https", port: 443, targetPort: "https" },
        ],
      },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: { name, annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
      spec: { controller: "traefik.io/ingress-controller" },
    },
  ];
}
