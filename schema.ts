import { z } from "zod";
import { ecr, eks, owner } from "./schema-aws.ts";
import { database } from "./schema-database.ts";
import { anything, dnsLabel, group, resources, text, whole } from "./setting-types.ts";

/**
 * What can be set in `Pulumi.STACK.yaml`, key by key below `slipway:`. The first argument of each building block
 * (setting-types.ts) says what is allowed, in words: it is the text that an error shows.
 */

/** A problem between settings. One whose text begins with `nothing` is mended by taking the setting out. */
const problemsOf = (ctx: z.RefinementCtx) => (path: string | string[], message: string) =>
  ctx.addIssue({ code: "custom", path: [path].flat(), message });

const path = (allowed: string, example: string) => text(allowed, anything, example);

const command = (example: string) =>
  z
    .array(text("text", anything), { error: `a list of words, as in ${example}` })
    .min(1, { error: "at least one word" });

const valueError = "text, a number (of more than 15 digits: in quotes), true or false";
/** A longer number has lost its last digits by now. */
const exact = z
  .number()
  .refine((number) => !Number.isInteger(number) || Number.isSafeInteger(number), { error: valueError });
const value = z.union([z.string(), exact, z.boolean()], { error: valueError }).transform(String);
const variable = text("a name of letters, digits and _, as in LOG_LEVEL", /^[A-Za-z_][A-Za-z0-9_]*$/);
const variables = z.record(variable, value, { error: "a mapping from names to values" });
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
  eks: eks.optional(),
})
  .superRefine(({ context, kubeconfig, eks }, ctx) => {
    const problem = problemsOf(ctx);
    if (context === undefined && !eks)
      problem("context", "the name of a kubeconfig context (or set slipway:cluster.eks)");
    if (context && eks) problem("context", "nothing, where slipway:cluster.eks is set");
    if (kubeconfig && eks) problem("kubeconfig", "nothing, where slipway:cluster.eks is set");
  })
  .transform(({ context = "", kubeconfig, eks }) =>
    eks ? { eks, context: undefined, kubeconfig: undefined } : { context, kubeconfig, eks: undefined },
  )
  .describe("The cluster that this environment runs on.");

const build = group({
  context: path("the path of a folder", "app").describe("Folder that goes into the image, relative to Pulumi.yaml."),
  dockerfile: path("the path of a Dockerfile", "Dockerfile")
    .default("Dockerfile")
    .describe("Dockerfile, inside that folder."),
  target: text("the name of a build stage", anything, "runtime")
    .optional()
    .describe("Build stage to stop at (default: the last)."),
  args: variables
    .default({})
    .describe("Build arguments. They stay readable in the image: secrets go to slipway:buildSecrets."),
  platforms: z
    .array(text("os/architecture, as in linux/arm64", /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9]+)?$/), {
      error: "a list of os/architecture, as in [linux/amd64]",
    })
    .min(1, { error: "at least one platform, as in [linux/amd64]" })
    .default(["linux/amd64"])
    .describe("Platforms to build for."),
  builder: text("the name of a buildx builder", anything, "default")
    .optional()
    .describe("Buildx builder (default: the selected one)."),
}).describe("How the image is built from source.");

const release = group({
  repository: text(
    "REGISTRY/PATH without a tag, as in registry.example.com/team/app",
    /^[a-z0-9.-]+(:[0-9]+)?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)+$/,
    "registry.example.com/team/app",
  ).describe("Repository of the image."),
  name: text("vN.N, as in v1.17", /^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$/, "v1.17")
    .optional()
    .describe(
      "Name of the release. A stack that builds pushes the image under this name too, and records it as verified once healthy (default: none); one that promotes runs it.",
    ),
  source: z
    .url({ protocol: /^https$/, error: "an https:// address, as in https://example.com/team/app" })
    .meta({ examples: ["https://example.com/team/app"] })
    .optional()
    .describe("Where the source is kept, for people: shown on the image and the Deployment (default: not shown)."),
  build: build.optional(),
  promoteFrom: text(
    "the name of another stack, as in test, or organization/project/stack",
    /^[\w.-]+(\/[\w.-]+\/[\w.-]+)?$/,
    "test",
  )
    .optional()
    .describe("Stack that has to have verified the release, instead of a build."),
  breakGlass: text("a sentence of 20 to 200 characters that says why", /^[^\s].{18,198}[^\s]$/)
    .optional()
    .describe("Why a release may run here that was never verified there; shown in the outputs and on the Deployment."),
})
  .superRefine(({ build, promoteFrom, name, breakGlass }, ctx) => {
    const problem = problemsOf(ctx);
    if (build && promoteFrom)
      problem("promoteFrom", "nothing, where slipway:release.build is set: a stack builds or promotes");
    if (!build && !promoteFrom)
      problem("promoteFrom", "the name of another stack, as in test (or set slipway:release.build)");
    if (promoteFrom && !name) problem("name", "vN.N, as in v1.17 (there is a slipway:release.promoteFrom)");
    if (breakGlass && !promoteFrom) problem("breakGlass", "nothing, where there is no slipway:release.promoteFrom");
  })
  .transform(({ build, promoteFrom = "", breakGlass, ...release }) =>
    build
      ? { ...release, build, breakGlass: undefined }
      : { ...release, name: release.name ?? "", build: undefined, promoteFrom, breakGlass },
  )
  .describe("Which image runs here: built from source, or a release that another stack has verified.");

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

const web = group({
  port: whole(1, 65535, 8000).describe("Port that the application listens on."),
  replicas,
  command: command("[node, server.js]").optional().describe("Command to run (default: the image's own)."),
  migrate: command("[alembic, upgrade, head]")
    .optional()
    .describe(
      "Command that brings the database's schema up to date, run once on each new image before it serves (default: none).",
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
