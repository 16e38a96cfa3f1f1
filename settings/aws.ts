import { z } from "zod";
import { group, list, text, uniqueList, whole } from "./building-blocks.ts";
import { hostName } from "./names.ts";

// Requirements for the account: docs/aws.md.

const accountError = 'the 12 digits of an AWS account, as in "111122223333"';

/** `pulumi config set --path` turns it into a number, unless it begins with a zero. */
const account = z
  .union([z.string(), z.int()], { error: accountError })
  .transform(String)
  .refine((account) => /^\d{12}$/.test(account), { error: accountError })
  .meta({ examples: ["111122223333"] });

/** The image's repository in Amazon ECR. */
export const ecr = group({
  pullers: list('AWS accounts, as in ["222233334444"]', account, ["222233334444"])
    .default([])
    .describe("Other accounts that may pull: those of the environments that a release is promoted to."),
  keepDays: whole(1, 3650, 30)
    .default(30)
    .describe("Days after which an image without a release name is deleted. Releases are never deleted."),
}).describe(
  "Repository of slipway:release.repository in Amazon ECR, created and owned by this stack. Default: it exists already.",
);

/** Tag of everything in AWS: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export const owner = text(
  "at most 256 letters, digits, spaces and _.:/=+-@, as in team-noticeboard",
  /^[\p{L}\p{N} _.:/=+\-@]{1,256}$/u,
  "team-noticeboard",
).describe("Who is responsible for the resources in AWS: their tag Owner. Required with AWS only.");

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
  keep: whole(1, 1000, 14).default(14).describe("Number of snapshots to keep of each volume."),
})
  .prefault({})
  .describe("Snapshots of every volume, those of the backups included. They outlive the cluster.");

/** A number of an IPv4 address. */
const octet = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";

const threeZones = "three zones, as in [eu-north-1a, eu-north-1b, eu-north-1c]";

/** A cluster in Amazon EKS: an existing one, or one that this stack creates and owns. */
export const eks = group({
  account: account.describe("Account of the cluster. Credentials of any other are refused."),
  existing: clusterName
    .optional()
    .describe("Name of an existing cluster. Default: this stack creates one, with a network of its own."),
  name: clusterName.optional().describe("Name of the cluster to create. Default: PROJECT-STACK."),
  version: text("a Kubernetes version, as in 1.34", /^1\.[0-9]{2}$/, "1.34")
    .optional()
    .describe("Kubernetes version. Default: the newest of EKS when the cluster is created."),
  admins: uniqueList(
    "ARNs of IAM roles, as in [arn:aws:iam::111122223333:role/slipway-deploy]",
    text(
      "the ARN of an IAM role or user, as in arn:aws:iam::111122223333:role/slipway-deploy",
      /^arn:aws:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/,
    ),
    ["arn:aws:iam::111122223333:role/slipway-deploy"],
  )
    .default([])
    .describe("IAM roles that administer the cluster. The roles that deploy must be among them."),
  accessFrom: uniqueList(
    "addresses, as in [203.0.113.0/24]",
    text(
      "addresses of the internet, at most a /8, as in 203.0.113.0/24; never all of it, and no private ones",
      new RegExp(
        `^(?!10\\.|127\\.|192\\.168\\.|172\\.(1[6-9]|2\\d|3[01])\\.)(${octet}\\.){3}${octet}/([89]|[12]\\d|3[0-2])$`,
      ),
    ),
    ["203.0.113.0/24"],
  )
    .default([])
    .describe(
      "Addresses that may reach the cluster's API over the internet. Default: none, only the cluster's own network.",
    ),
  cidr: text(
    "a private /16 other than 172.20.0.0/16, which the cluster's Services have, as in 10.0.0.0/16",
    new RegExp(`^(10\\.${octet}|172\\.(1[6-9]|2[1-9]|3[01])|192\\.168)\\.0\\.0/16$`),
    "10.0.0.0/16",
  )
    .default("10.0.0.0/16")
    .describe("Addresses of the network to create."),
  zones: uniqueList(threeZones, text("the name of a zone, as in eu-north-1a", /^[a-z]{2}-[a-z]+-\d[a-z]$/), [
    "eu-north-1a",
    "eu-north-1b",
    "eu-north-1c",
  ])
    .length(3, { error: threeZones })
    .optional()
    .describe("Availability zones of the network. Default: a, b and c of the region."),
  natGateways: whole(1, 3)
    .default(1)
    .describe("Number of NAT gateways. With 3, the loss of a zone leaves the nodes of the others connected."),
  instanceTypes: uniqueList(
    "types of instances, as in [m7i.large, m6i.large]",
    text("a type of instance, as in m7i.large", /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/),
    ["m7i.large", "m6i.large"],
  )
    .default([])
    .describe("Instance types of the nodes, if the region has them. Default: recent types that fit the pods."),
  domain: hostName("a domain in lower case, as in example.com", "example.com")
    .optional()
    .describe("Domain of a hosted zone in Route 53 that gets a record for slipway:web.host. Default: no record."),
  snapshots,
}).describe("Cluster in Amazon EKS, instead of a context.");

/** Settings of a cluster in Amazon EKS, with all defaults. */
export type Eks = z.output<typeof eks>;
