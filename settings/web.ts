import { z } from "zod";
import { annotations, command, dnsLabel, group, list, resources, text, variables, whole } from "./building-blocks.ts";
import { destinations } from "./destinations.ts";
import { dnsSubdomain, hostName, subdomainPattern } from "./names.ts";
import { probes, refuseLateStart } from "./probes.ts";
import { refuseSeveralWriters, volumes } from "./volumes.ts";

const replicasError = "{min, max} with min at most max";
const replicas = z
  .union(
    [
      whole(1, 100),
      group({
        min: whole(1, 100, 3).describe("Minimum of the autoscaler."),
        max: whole(1, 100, 10).describe("Maximum of the autoscaler."),
      }).refine(({ min, max }) => min <= max, { error: replicasError }),
    ],
    { error: `a whole number from 1 to 100, or ${replicasError}` },
  )
  .transform((replicas) => (typeof replicas === "number" ? { min: replicas, max: replicas } : replicas))
  .prefault(2)
  .meta({ examples: [2] })
  .describe("Number of pods; with {min, max}, an autoscaler sets it by the CPU in use.");

const tls = group({
  issuer: text(
    "the name of a ClusterIssuer, as in letsencrypt, or issuer/NAME for an Issuer of the namespace",
    new RegExp(`^(issuer/)?${subdomainPattern}$`),
    "letsencrypt",
  )
    .optional()
    .describe(
      "ClusterIssuer or Issuer of cert-manager that issues the certificate. Default: the Secret has it already.",
    ),
  secret: dnsSubdomain("web-tls")
    .default("web-tls")
    .describe("Secret in the namespace for the certificate. Without an issuer, put the certificate there yourself."),
}).describe(
  "Certificate of slipway:web.host. Default: the one in the Secret web-tls; with slipway:cluster.eks.domain, that of the load balancer.",
);

/** Name of the class before there was a field for it; Kubernetes refuses two different ones. */
export const classAnnotation = "kubernetes.io/ingress.class";

const hostError = "a host name in lower case, as in app.example.com";
const onlyWithHost = "nothing, if slipway:web.host is not set";

/** The web application. */
export const web = group({
  port: whole(1, 65535, 8000).describe("Port that the application listens on."),
  replicas,
  command: command("node", "server.js").optional().describe("Command to run. Default: the image's own."),
  migrate: command("alembic", "upgrade", "head")
    .optional()
    .describe(
      "Command that migrates the database's schema. Runs before each new image; with slipway:release.build.migrations, only when they changed. Default: no migration.",
    ),
  migrateSeconds: whole(1, 7200, 180)
    .default(180)
    .describe("Seconds that a migration may take, the pull of its image included."),
  environment: variables({ LOG_LEVEL: "info" })
    .default({})
    .describe(
      "Environment variables. A value may refer to others, to secrets and to the database's, as in postgres://$(PGUSER):$(PGPASSWORD)@$(PGHOST):$(PGPORT)/$(PGDATABASE); the rest arrives as written. Secrets belong in slipway:secrets.",
    ),
  probes,
  resources: resources("100m", "1", "384Mi"),
  user: whole(1, 2_147_483_647, 10001).default(10001).describe("Numeric user and group of the process; never root."),
  drainSeconds: whole(1, 300, 5)
    .optional()
    .describe(
      "Seconds that a pod keeps serving after it left the load balancers. Default: 5; 60 with slipway:cluster.eks.domain.",
    ),
  stopSeconds: whole(1, 3600, 30).default(30).describe("Seconds after that for requests in progress to finish."),
  deadlineSeconds: whole(10, 3600, 180)
    .default(180)
    .describe("Seconds without progress after which a rollout fails; the old version keeps serving."),
  host: hostName(hostError, "app.example.com")
    .optional()
    .describe("Host name that the cluster's ingress serves. Default: not reachable from outside."),
  ingressClass: dnsSubdomain("nginx").optional().describe("Class of the ingress. Default: the cluster's."),
  ingressAnnotations: annotations({ "nginx.ingress.kubernetes.io/proxy-body-size": "8m" })
    .optional()
    .describe("Annotations of the ingress, for its controller. Default: none."),
  tls: tls.optional(),
  allowFrom: list(
    "namespaces and ranges of addresses, as in [ingress-nginx, 10.0.0.0/16]",
    z.union([z.cidrv4(), z.cidrv6(), dnsLabel("ingress-nginx")], {
      error: "the name of a namespace, as in ingress-nginx, or a range of addresses, as in 10.0.0.0/16",
    }),
    ["ingress-nginx", "10.0.0.0/16"],
  )
    .min(1, { error: "at least one namespace or range of addresses" })
    .optional()
    .describe(
      "Sources of allowed requests: namespaces, such as the ingress controller's, and addresses as the pods see them. Default: all.",
    ),
  allowTo: destinations
    .optional()
    .describe(
      "Destinations that the application and its migration may connect to over TCP, besides DNS and the database: namespaces, ranges of addresses, and internet, which is every public address (so no namespace of that name can be listed). A port is that of the pods, not of their Service. Without a port: all ports and protocols. Default: none.",
    ),
  volumes: volumes({ "/app/uploads": { storage: "10Gi" }, "/run": {} }).describe(
    "Files besides those of the image, by the path at which they are mounted: volumes that outlive every container, and scratch folders. The image's own files at such a path are hidden; besides these and /tmp, nothing can be written to. Default: none.",
  ),
  nodePort: whole(30000, 32767, 30080)
    .optional()
    .describe("Port of every node to serve on, for clusters without an ingress. Default: none."),
})
  .refine((web) => !(web.host && web.nodePort), { path: ["nodePort"], error: "nothing, if slipway:web.host is set" })
  .refine(
    ({ ingressClass, ingressAnnotations = {} }) => !ingressClass || !Object.hasOwn(ingressAnnotations, classAnnotation),
    {
      path: ["ingressAnnotations", classAnnotation],
      error: "nothing, if slipway:web.ingressClass is set",
    },
  )
  .superRefine(refuseSeveralWriters)
  .superRefine(refuseLateStart)
  .refine((web) => web.host || !web.tls, { path: ["tls"], error: onlyWithHost })
  .refine((web) => web.host || !web.ingressAnnotations, { path: ["ingressAnnotations"], error: onlyWithHost })
  .describe("Web application.");
