import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity.js";
import { Provider } from "@pulumi/aws/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../../settings/account.ts";
import { UserError } from "../../settings/user-error.ts";

/** AWS account with verified credentials. */
export interface OpenAccount extends Account {
  /** Provider for this account and region only, with tags on every resource. */
  readonly provider: Provider;
  /** ARN of the role or user that deploys. */
  readonly caller: string;
}

/**
 * Checks, before anything else, that the credentials are for the account that the settings name.
 *
 * @throws UserError if they are for another account, or missing
 */
export async function openAccount(account: Account): Promise<OpenAccount> {
  const { id, region, owner } = account;
  const { accountId, arn } = await getCallerIdentity().catch((error: Error) => {
    throw new UserError(noCredentials(account, error));
  });
  if (accountId !== id) throw new UserError(otherAccount(account, accountId, arn));
  const provider = new Provider("aws", {
    region,
    // The plugin refuses as well: credentials may change between a preview and its update.
    allowedAccountIds: [id],
    defaultTags: { tags: tagsFor(owner) },
  });
  return { ...account, provider, caller: arn };
}

/** Tags of every cloud resource. */
export const tagsFor = (owner: string): Record<string, string> => ({
  Project: pulumi.getProject(),
  Environment: pulumi.getStack(),
  Owner: owner,
});

const noCredentials = ({ id, region }: Account, { message }: Error): string =>
  `AWS does not say whose credentials these are, or there are none; nothing was changed.\n` +
  `  It says:                         ${message.trim().split("\n")[0]}\n` +
  `  Log in to account ${id}: aws sso login, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n` +
  `  If the region is wrong:          pulumi config set --stack ${pulumi.getStack()} aws:region REGION (it is ${region})\n`;

const otherAccount = ({ id, setting }: Account, actual: string, arn: string): string =>
  `${setting} names the AWS account ${id}, but the credentials are of account ${actual} (${arn}); nothing was changed.\n` +
  `  Log in to the account of stack ${pulumi.getStack()}: aws sso login, or set AWS_PROFILE\n` +
  `  If the setting is wrong, change it in Pulumi.${pulumi.getStack()}.yaml: ${setting}\n`;
