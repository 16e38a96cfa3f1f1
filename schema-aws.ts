import { z } from "zod";
import { ecrAddress, regionPattern } from "./components/aws/ecr-address.ts";
import { group, text, whole } from "./setting-types.ts";

/** What can be set of AWS. What an account has to have for it stands in docs/aws.md. */

const accountError = 'the 12 digits of an AWS account, as in "111122223333"';

/** `pulumi config set --path` makes a number of it, which loses zeros at its beginning. */
const account = z
  .union([z.string(), z.int()], { error: accountError })
  .transform((account) => String(account).padStart(12, "0"))
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
  readonly ecr?: z.output<typeof ecr>;
  readonly owner?: string;
}

/** A setting that does not fit the others: its full key, and what is allowed there. */
export type Mismatch = readonly [setting: string, allowed: string, found?: string];

/**
 * The account that the settings ask for; undefined where nothing of AWS is.
 *
 * @param region the setting `aws:region`
 */
export function accountOf(settings: Parts, region: string | undefined): { account?: Account; problems: Mismatch[] } {
  const { release, ecr, owner } = settings;
  if (!ecr) return { problems: [] };
  const problems: Mismatch[] = [];
  const problem = (...mismatch: Mismatch) => problems.push(mismatch);
  const address = ecrAddress(release.repository);
  if (!region || !regionPattern.test(region)) problem("aws:region", "an AWS region, as in eu-north-1", region);
  if (!owner) problem("slipway:owner", "who answers for what runs in the cloud, as in team-noticeboard");
  if (ecr && !address) problem("slipway:release.repository", ecrAllowed, release.repository);
  if (ecr && address && region && address.region !== region)
    problem("aws:region", `${address.region}, the region of slipway:release.repository, which this stack owns`, region);
  const id = address?.account;
  if (problems.length > 0 || !id || !region || !owner) return { problems };
  return { account: { id, setting: "slipway:release.repository", region, owner }, problems };
}

const ecrAllowed =
  "an address in Amazon ECR (there is a slipway:ecr), as in 111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/app";
