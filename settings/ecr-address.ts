/** A repository in Amazon ECR, as its address names it. */
export interface EcrAddress {
  /** Account that owns it: twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Name of the repository, as in `team/app`. */
  readonly name: string;
}

/** Amazon's public regions. ARNs of the others (China, GovCloud) differ, so they are not supported. */
export const regionPattern = /^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d$/;

/** Parses an image's address. @returns undefined for other registries than Amazon ECR */
export function ecrAddress(repository: string): EcrAddress | undefined {
  const [, account, region = "", name] =
    /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/(.+)$/.exec(repository) ?? [];
  return account && name && regionPattern.test(region) ? { account, region, name } : undefined;
}
