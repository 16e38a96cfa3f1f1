import { z } from "zod";
import { ecr, eks, owner } from "./aws.ts";
import {
  annotations,
  anything,
  dnsLabel,
  group,
  ipAddress,
  path,
  problemsOf,
  resources,
  text,
  variable,
  variables,
  whole,
} from "./building-blocks.ts";
import { database } from "./database.ts";
import { release } from "./release.ts";

/**
 * What can be set in `Pulumi.STACK.yaml`, key by key below `slipway:`. The first argument of each building block
 * (setting-types.ts) says what is allowed, in words: it is the text that an error shows.
 */

const command = (...example: [string, ...string[]]) =>
  z
    .array(text("text", anything, example[0]), { error: `a list of words, as in [${example.join(", ")}]` })
    .min(1, { error: "at least one word" });

const secrets = z.record(variable, text("text", anything), { error: "a mapping from names to secret values" });

/** What the application is told of by the program, which would otherwise tell it twice. */
const imageVariable = "SLIPWAY_IMAGE";
const databaseVariables = ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"];

const hostError = "a host name in lower case, as in app.example.com";

const cluster = group({
  context: text("the name of a kubeconfig context", anything, "slipway-sandbox")
    .optional()
    .describe("Kubeconfig context to deploy to, by name: never whatever happens to be current."),
  kubeconfig: path("the path of a kubeconfig file", "kubeconfig.yaml")
    .optional()
    .describe("Kubeconfig file that has the context (default: $KUBECONFIG, else ~/.kube/config)."),
  dns: z
    .array(ipAddress("169.254.20.10"), { error: "a list of IP addresses, as in [169.254.20.10]" })
    .default([])
    .describe(
      "IP addresses of DNS servers that are not pods in kube-system, such as NodeLocal DNSCache; network policies allow these as well (default: none).",
    ),
  eks: eks.optional(),
})
  .superRefine(({ context, kubeconfig, eks }, ctx) => {
    const problem = problemsOf(ctx);
    if (context === undefined && !eks)
      problem("context", "the name of a kubeconfig context (or set slipway:cluster.eks)");
    if (context && eks) problem("context", "nothing, where slipway:cluster.eks is set");
    if (kubeconfig && eks) problem("kubeconfig", "nothing, where slipway:cluster.eks is set");
  })
  .transform(({ context = "", kubeconfig, dns, eks }) =>
    eks ? { eks, context: undefined, kubeconfig: undefined, dns } : { context, kubeconfig, dns, eks: undefined },
  )
  .describe("The cluster that this environment runs on.");

const replicas = z
  .union(
    [
      whole(1, 100),
      group({ min: whole(1, 100), max: whole(1, 100) }).refine(({ min, max }) => min <= max, {
        error: "{min, max} with min at most max",
      }),
    ],
    {
      error: "a whole number from 1 to 100, or {min, max} with min at most max",
    },
  )
  .transform((replicas) => (typeof replicas === "number" ? { min: replicas, max: replicas } : replicas))
  .prefault(2)
  .meta({ examples: [2] })
  .describe("Number of pods; {min, max} scales with the CPU in use.");

const probes = group({
  live: text("a path that begins with /", /^\/\S*$/, "/health/live").describe(
    "Answers while the process works. It must not depend on the database: a failing one restarts the container.",
  ),
  ready: text("a path that begins with /", /^\/\S*$/, "/health/ready").describe(
    "Answers when requests can be served, database included.",
  ),
  startSeconds: whole(1, 3600, 60)
    .default(60)
    .describe("Seconds that a start may take before the container is restarted."),
}).describe("Health checks over HTTP.");

const tls = group({
  issuer: text(
    "the name of a ClusterIssuer, as in letsencrypt, or issuer/NAME for an Issuer of the namespace",
    /^(issuer\/)?[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
    "letsencrypt",
  )
    .optional()
    .describe(
      "cert-manager's ClusterIssuer that makes the certificate, by name; issuer/NAME for an Issuer of the namespace (default: the certificate is in the Secret already).",
    ),
  secret: dnsLabel("web-tls")
    .default("web-tls")
    .describe("Secret of the namespace that has the certificate; where no issuer makes it, it has to be put there."),
}).describe(
  "The certificate of slipway:web.host (default: the Secret web-tls has it; the load balancer of a cluster of ours in AWS has its own).",
);

const web = group({
  port: whole(1, 65535, 8000).describe("Port that the application listens on."),
  replicas,
  command: command("node", "server.js").optional().describe("Command to run (default: the image's own)."),
  migrate: command("alembic", "upgrade", "head")
    .optional()
    .describe(
      "Command that brings the database's schema up to date, run once before a new image serves: each, or, with slipway:release.build.migrations, each whose migrations differ (default: none).",
    ),
  migrateSeconds: whole(1, 7200, 180)
    .default(180)
    .describe("Seconds that this may take, from the pull of its image on."),
  environment: variables.default({}).describe("Environment variables. Secrets go to slipway:secrets."),
  probes,
  resources: resources("100m", "1", "384Mi"),
  user: whole(1, 65535, 10001).default(10001).describe("Numeric user and group that the process runs as; never root."),
  drainSeconds: whole(1, 300, 5)
    .optional()
    .describe(
      "Seconds between a pod leaving the load balancers and its being told to stop (default: 5; 60 behind the load balancer that a cluster of ours in AWS gets).",
    ),
  stopSeconds: whole(1, 3600, 30).default(30).describe("Seconds that it then has to finish what it is doing."),
  deadlineSeconds: whole(10, 3600, 180)
    .default(180)
    .describe("Seconds without progress after which a rollout has failed; the old version stays."),
  host: z
    .hostname({ error: hostError })
    .lowercase({ error: hostError })
    .meta({ examples: ["app.example.com"] })
    .optional()
    .describe(
      "Host name that the cluster's ingress serves the application under (default: not reachable from outside).",
    ),
  ingressClass: dnsLabel("nginx").optional().describe("Class of that ingress (default: the cluster's)."),
  ingressAnnotations: annotations
    .optional()
    .describe("Annotations of that ingress, for whatever serves it (default: none of its own)."),
  tls: tls.optional(),
  allowFrom: z
    .array(
      z.union([z.cidrv4(), z.cidrv6(), dnsLabel("ingress-nginx")], {
        error: "the name of a namespace, as in ingress-nginx, or a range of addresses, as in 10.0.0.0/16",
      }),
      { error: "a list of namespaces and ranges of addresses, as in [ingress-nginx, 10.0.0.0/16]" },
    )
    .min(1, { error: "at least one namespace or range of addresses" })
    .optional()
    .describe(
      "Where requests may come from: namespaces by name, such as the ingress controller's, and addresses as the pods see them (default: anywhere).",
    ),
  nodePort: whole(30000, 32767, 30080)
    .optional()
    .describe("Port of every node to serve on, for clusters without an ingress (default: none)."),
})
  .refine((web) => !(web.host && web.nodePort), { path: ["nodePort"], error: "nothing, where slipway:web.host is set" })
  .refine((web) => web.host || !web.tls, { path: ["tls"], error: "nothing, where slipway:web.host is not set" })
  .refine((web) => web.host || !web.ingressAnnotations, {
    path: ["ingressAnnotations"],
    error: "nothing, where slipway:web.host is not set",
  })
  .describe("The application itself.");

/** Every setting, by its key below `slipway:`. */
export const schema = group({
  cluster,
  namespace: dnsLabel("my-app").describe("Kubernetes namespace of this environment, created and owned by it."),
  release,
  ecr: ecr.optional(),
  owner: owner.optional(),
  web,
  database: database.optional(),
  databasePassword: text("a secret of 8 to 128 printable characters without spaces", /^[\x21-\x7e]{8,128}$/)
    .optional()
    .describe("Password of the database's role; a secret."),
  secrets: secrets.default({}).describe("Secret environment variables of the application; each a secret."),
  buildSecrets: secrets
    .default({})
    .describe("Secrets of the build, mounted by BuildKit and never part of the image; each a secret."),
}).superRefine((all, ctx) => {
  const problem = problemsOf(ctx);
  if (all.database && !all.databasePassword)
    problem(
      "databasePassword",
      "a secret of 8 to 128 printable characters without spaces (there is a slipway:database)",
    );
  if (!all.database && all.databasePassword) problem("databasePassword", "nothing, where there is no slipway:database");
  if (all.release.build?.migrations && !all.web.migrate)
    problem(["release", "build", "migrations"], "nothing, where there is no slipway:web.migrate");
  const own = all.database ? [imageVariable, ...databaseVariables] : [imageVariable];
  for (const [path, names] of [
    [["web", "environment"], Object.keys(all.web.environment)],
    [["secrets"], Object.keys(all.secrets)],
  ] as const)
    for (const name of names.filter((name) => own.includes(name)))
      problem([...path, name], "nothing: the program sets it itself");
  for (const name of Object.keys(all.secrets).filter((name) => name in all.web.environment))
    problem(["web", "environment", name], `nothing, where slipway:secrets has ${name}`);
});

/** The settings of one environment, complete with defaults. */
export type Settings = z.output<typeof schema>;

/** The keys whose values have to be stored encrypted (`pulumi config set --secret`). */
export const secretKeys: readonly string[] = ["databasePassword", "secrets", "buildSecrets"];
