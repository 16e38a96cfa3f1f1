import { openAccount } from "./components/aws/account.ts";
import { ecrAddress } from "./components/aws/ecr-address.ts";
import { digestInEcr, Registry } from "./components/aws/registry.ts";
import type { Settings } from "./schema.ts";
import type { Account } from "./schema-aws.ts";

/** What a stack has of AWS. Nothing is made before it is asked for, so that all checks can come first. */
export interface Aws {
  /** What a tag of the image's repository points to; undefined where that is not in Amazon ECR. */
  readonly lookUp?: (tag: string) => Promise<string>;
  /** Makes the image's repository, where the settings say that this stack owns it. */
  registry(): Registry | undefined;
}

/**
 * Enters the account that the settings name: loaded by stacks alone that have one.
 *
 * @throws pulumi.RunError where the credentials are of another account
 */
export async function inAccount(account: Account, settings: Pick<Settings, "release" | "ecr">): Promise<Aws> {
  const { provider } = await openAccount(account);
  const address = ecrAddress(settings.release.repository);
  return {
    lookUp: address && ((tag) => digestInEcr(address, tag, { provider })),
    registry: () =>
      settings.ecr && address ? new Registry("registry", { address, ...settings.ecr }, { provider }) : undefined,
  };
}
