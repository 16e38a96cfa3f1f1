import * as ecr from "@pulumi/aws/ecr/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { EcrAddress } from "../../settings/ecr-address.ts";

/** Arguments of {@link Registry}. */
export interface RegistryArgs {
  /** The repository: its name, and the account and region that it is in. */
  readonly address: EcrAddress;
  /** Accounts that may pull besides its own. */
  readonly pullers: readonly string[];
  /** Days after which an image goes that no release is named after. */
  readonly keepDays: number;
}

/** How to log in to a registry, for as long as one update may take: ECR's tokens last for twelve hours. */
export interface RegistryLogin {
  readonly address: string;
  readonly username: pulumi.Input<string>;
  /** A secret output: encrypted in the state, and of no use there the day after. */
  readonly password: pulumi.Output<string>;
}

/**
 * A repository in Amazon ECR. A release's tag can never be moved, and its image never expires; what else was built goes
 * after a while. Neither `up` nor `destroy` deletes the repository.
 */
export class Registry extends pulumi.ComponentResource {
  /** For the build's push; known once the repository exists. */
  readonly login: RegistryLogin;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Registry", name, {}, opts);
    const { address, pullers, keepDays } = args;
    const repository = new ecr.Repository(
      name,
      {
        name: address.name,
        // The tags of builds stay replaceable: a build that was interrupted may have to push its own again.
        imageTagMutability: "MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: releaseTags }],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "AES256" }],
        forceDelete: false,
      },
      { parent: this, protect: true, retainOnDelete: true },
    );
    // They stay with it: without them nothing would expire, and no other environment could pull what it runs.
    const kept = { parent: this, protect: true, retainOnDelete: true };
    const { name: of } = repository;
    new ecr.LifecyclePolicy(name, { repository: of, policy: JSON.stringify(lifecyclePolicy(keepDays)) }, kept);
    const may = pullPolicy([address.account, ...pullers]);
    new ecr.RepositoryPolicy(name, { repository: of, policy: JSON.stringify(may) }, kept);
    const token = repository.registryId.apply((registryId) =>
      ecr.getAuthorizationToken({ registryId, region: address.region }, { parent: this }),
    );
    this.login = {
      address: `${address.account}.dkr.ecr.${address.region}.amazonaws.com`,
      username: "AWS",
      password: pulumi.secret(token.password),
    };
    this.registerOutputs({ repository: repository.repositoryUrl });
  }
}

/** Names of releases; a content key is hexadecimal, so it never begins like one. */
const releaseTags = "v*";

/**
 * What ECR deletes by itself. An image that a rule of a smaller number covers is left alone by the others, and the first
 * rule covers as many releases as ECR can hold in a repository (100,000 images), so it never deletes one.
 */
export const lifecyclePolicy = (keepDays: number) => ({
  rules: [
    {
      rulePriority: 1,
      description: "Releases stay",
      selection: {
        tagStatus: "tagged",
        tagPatternList: [releaseTags],
        countType: "imageCountMoreThan",
        countNumber: 100_000,
      },
      action: { type: "expire" },
    },
    {
      rulePriority: 2,
      description: "What no release is named after goes",
      selection: { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: keepDays },
      action: { type: "expire" },
    },
  ],
});

/**
 * Lets accounts pull, and ask what a tag points to; nothing else, and nobody else. The plugin asks for the repository too
 * where it is asked for an image (https://github.com/hashicorp/terraform-provider-aws/issues/35303).
 */
export const pullPolicy = (accounts: readonly string[]) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "PullFromOtherEnvironments",
      Effect: "Allow",
      Principal: { AWS: accounts.map((account) => `arn:aws:iam::${account}:root`) },
      Action: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "ecr:GetDownloadUrlForLayer",
      ],
    },
  ],
});

/**
 * What a tag points to, by ECR's own word: with the credentials for AWS, and without a login that would end up in the
 * state.
 *
 * @throws what ECR answers, where there is no such tag or it may not be seen
 */
export async function digestInEcr(
  { account, region, name }: EcrAddress,
  imageTag: string,
  opts: pulumi.InvokeOptions,
): Promise<string> {
  const image = await ecr.getImage({ registryId: account, region, repositoryName: name, imageTag }, opts);
  return image.imageDigest;
}
