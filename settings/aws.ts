import { z } from "zod";
import { group, text, whole } from "./building-blocks.ts";
import { ecrAddress, regionPattern } from "./ecr-address.ts";

/** What can be set of AWS. What an account has to have for it stands in docs/aws.md. */

const accountError = 'the 12 digits of an AWS account, as in "111122223333"';

/** `pulumi config set --path` makes a number of it, unless it begins with a zero. */
const account = z
  .union([z.string(), z.int()], { error: accountError })
  .transform(String)
  .refine((account) => /^\d{12}$/.test(account), { error: accountError })
  .meta({ examples: ["111122223333"] });

/** The registry's own repository. */
export const ecr = group({
  pullers: z
    .array(account, { error: 'a list of AWS accounts, as in ["222233334444"]' })
    .default([])
    .describe("Other accounts that may pull: those of the environments that a release is promoted to."),
  keepDays: whole(1, 3650, 30)
    .default(30)
    .describe("Days after which an image goes that no release is named after; releases never do."),
}).describe(
  "The repository of slipway:release.repository in Amazon ECR, made and owned by this stack (default: it is there already).",
);

/** A list in which nothing stands twice: a second zone of the same name, or a second entry of the same role, can't be made. */
const many = <T extends z.core.$ZodType>(what: string, one: T) =>
  z
    .array(one, { error: `a list of ${what}` })
    .refine((all) => new Set(all).size === all.length, { error: `a list of ${what}, each of them once` });

const clusterName = text(
  "at most 100 letters, digits, - and _, as in noticeboard-prod",
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/,
  "noticeboard-prod",
);

const snapshots = group({
  everyHours: z
    .literal([1, 2, 3, 4, 6, 8, 12, 24], { error: "1, 2, 3, 4, 6, 8, 12 or 24" })
    .default(24)
    .meta({ examples: [24] })
    .describe("Hours between two snapshots of a volume."),
  keep: whole(1, 1000, 14).default(14).describe("How many of each volume to keep."),
})
  .prefault({})
  .describe("Snapshots of every volume, those of the backups too; they outlive the cluster.");

/** A number of an address. */
const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";

/** A cluster in Amazon EKS: one that is there, or one that this stack makes and owns. */
export const eks = group({
  account: account.describe("Account that the cluster is in. Credentials of any other are refused."),
  existing: clusterName
    .optional()
    .describe("Name of a cluster that is there already (default: this stack makes one, with a network of its own)."),
  name: clusterName.optional().describe("Name of the cluster to make (default: PROJECT-STACK)."),
  version: text("a Kubernetes version, as in 1.34", /^1\.[0-9]{2}$/, "1.34")
    .optional()
    .describe("Kubernetes' version (default: the newest that EKS has when the cluster is made)."),
  admins: many(
    "ARNs of IAM roles, as in [arn:aws:iam::111122223333:role/slipway-deploy]",
    text(
      "the ARN of an IAM role or user, as in arn:aws:iam::111122223333:role/slipway-deploy",
      /^arn:aws:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/,
    ),
  )
    .default([])
    .describe("IAM roles that administer the cluster; whoever deploys has to be among them."),
  accessFrom: many(
    "addresses, as in [203.0.113.0/24]",
    text(
      "addresses of the internet, at most a /8, as in 203.0.113.0/24; never all of it, and no private ones",
      new RegExp(
        `^(?!10\\.|127\\.|192\\.168\\.|172\\.(1[6-9]|2\\d|3[01])\\.)(${octet}\\.){3}${octet}/([89]|[12]\\d|3[0-2])$`,
      ),
    ),
  )
    .default([])
    .describe("From where its API is reached over the internet (default: from nowhere, only from its own network)."),
  cidr: text(
    "a private /16 other than 172.20.0.0/16, which the cluster's Services have, as in 10.0.0.0/16",
    new RegExp(`^(10\\.${octet}|172\\.(1[6-9]|2[1-9]|3[01])|192\\.168)\\.0\\.0/16$`),
    "10.0.0.0/16",
  )
    .default("10.0.0.0/16")
    .describe("Addresses of the network to make."),
  zones: many(
    "three zones, as in [eu-north-1a, eu-north-1b, eu-north-1c]",
    text("the name of a zone, as in eu-north-1a", /^[a-z]{2}-[a-z]+-\d[a-z]$/),
  )
    .length(3, { error: "three zones, as in [eu-north-1a, eu-north-1b, eu-north-1c]" })
    .optional()
    .describe("Zones that the network spans (default: a, b and c of the region)."),
  natGateways: whole(1, 3)
    .default(1)
    .describe("NAT gateways of that network: with 3, losing a zone leaves the nodes of the others connected."),
  instanceTypes: many(
    "types of instances, as in [m7i.large, m6i.large]",
    text("a type of instance, as in m7i.large", /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/),
  )
    .default([])
    .describe("Types that nodes are of, where the region has them (default: whatever fits the pods, of recent types)."),
  domain: z
    .hostname({ error: "a domain, as in example.com" })
    .meta({ examples: ["example.com"] })
    .optional()
    .describe(
      "Domain whose hosted zone in Route 53 answers for slipway:web.host (default: that is seen to elsewhere).",
    ),
  snapshots,
}).describe("A cluster in Amazon EKS, instead of a context.");

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export const owner = text(
  "at most 256 letters, digits, spaces and _.:/=+-@, as in team-noticeboard",
  /^[\p{L}\p{N} _.:/=+\-@]{1,256}$/u,
  "team-noticeboard",
).describe("Who answers for what runs in the cloud: the tag Owner of all of it. Needed with AWS alone.");

/** The account that a stack works in: the one that its settings name, never whichever the credentials happen to be for. */
export interface Account {
  /** Twelve digits. */
  readonly id: string;
  /** The setting that names it. */
  readonly setting: string;
  readonly region: string;
  /** Who answers for what runs there. */
  readonly owner: string;
}

interface Parts {
  readonly release: { readonly repository: string };
  readonly cluster: { readonly eks?: Eks };
  readonly web: { readonly host?: string; readonly tls?: unknown };
  readonly ecr?: z.output<typeof ecr>;
  readonly owner?: string;
}

/** A cluster in Amazon EKS, with all defaults. */
export type Eks = z.output<typeof eks>;

/** A setting that does not fit the others: its full key, and what is allowed there. */
export type Mismatch = readonly [setting: string, allowed: string, found?: string];

/**
 * The account that the settings ask for; undefined where nothing of AWS is.
 *
 * @param region the setting `aws:region`
 */
export function accountOf(settings: Parts, region: string | undefined): { account?: Account; problems: Mismatch[] } {
  const { release, ecr, owner, cluster } = settings;
  const { eks } = cluster;
  if (!ecr && !eks) return { problems: [] };
  const address = ecr && ecrAddress(release.repository);
  const problems: Mismatch[] = eks ? clusterProblems(eks, settings) : [];
  const problem = (...mismatch: Mismatch) => problems.push(mismatch);
  if (!region || !regionPattern.test(region)) problem("aws:region", "an AWS region, as in eu-north-1", region);
  if (!owner) problem("slipway:owner", "who answers for what runs in the cloud, as in team-noticeboard");
  if (ecr && !address) problem("slipway:release.repository", ecrAllowed, release.repository);
  if (address && region && address.region !== region)
    problem("aws:region", `${address.region}, the region of slipway:release.repository, which this stack owns`, region);
  if (address && eks && address.account !== eks.account)
    problem("slipway:cluster.eks.account", `${address.account}, as in slipway:release.repository`, eks.account);
  const id = eks?.account ?? address?.account;
  if (problems.length > 0 || !id || !region || !owner) return { problems };
  const setting = eks ? "slipway:cluster.eks.account" : "slipway:release.repository";
  return { account: { id, setting, region, owner }, problems };
}

const ecrAllowed =
  "an address in Amazon ECR (there is a slipway:ecr), as in 111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/app";

/** What of a cluster does not fit together. */
function clusterProblems(set: Eks, { web }: Parts): Mismatch[] {
  const at = (setting: string) => `slipway:cluster.eks.${setting}`;
  const problems: Mismatch[] = [];
  const { existing, domain, admins, account } = set;
  // What describes a cluster to make would be without effect, and be believed to have one.
  const unset: Readonly<Record<string, unknown>> = eks.parse({ account, existing });
  for (const [key, value] of existing ? Object.entries(set) : [])
    if (JSON.stringify(value) !== JSON.stringify(unset[key]))
      problems.push([at(key), "nothing, where slipway:cluster.eks.existing is set"]);
  if (!existing && admins.length === 0)
    problems.push([at("admins"), `the roles that deploy, as in [arn:aws:iam::${account}:role/slipway-deploy]`]);
  if (domain && !(web.host === domain || web.host?.endsWith(`.${domain}`)))
    problems.push(["slipway:web.host", `a name in ${domain}, which slipway:cluster.eks.domain names`, web.host]);
  if (domain && web.tls) problems.push(["slipway:web.tls", "nothing, where slipway:cluster.eks.domain is set"]);
  return problems;
}
