/** A repository in Amazon ECR, as its address names it. */
export interface EcrAddress {
  /** Account that owns it: twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Name of the repository, as in `team/app`. */
  readonly name: string;
}

/** An address outside of Amazon's public regions is no ECR address here: their names of things (ARNs) differ. */
export const regionPattern = /^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d$/;

/** What an image's address says of its repository in Amazon ECR; undefined for any other registry. */
export function ecrAddress(repository: string): EcrAddress | undefined {
  const [, account, region = "", name] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/(.+)$/.exec(repository) ?? [];
  return account && name && regionPattern.test(region) ? { account, region, name } : undefined;
}
