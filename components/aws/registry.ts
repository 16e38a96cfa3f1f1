import * as ecr from "@pulumi/aws/ecr/index.js";
import * as pulumi from "@pulumi/pulumi";
import type { EcrAddress } from "../../settings/ecr-address.ts";

/** Arguments of {@link Registry}. */
export interface RegistryArgs {
  /** Account, region and name of the repository. */
  readonly address: EcrAddress;
  /** Accounts that may pull, besides its own. */
  readonly pullers: readonly string[];
  /** Days after which an image that no release is named after expires. */
  readonly keepDays: number;
}

/** Login to a registry for one update: ECR's tokens last for twelve hours. */
export interface RegistryLogin {
  readonly address: string;
  readonly username: pulumi.Input<string>;
  /** Secret output: encrypted in the state, and useless there the day after. */
  readonly password: pulumi.Output<string>;
}

/**
 * Repository in Amazon ECR. A release's tag can never be moved, and its image never expires; other builds do. Neither `up`
 * nor `destroy` deletes the repository.
 */
export class Registry extends pulumi.ComponentResource {
  /** Login for the build's push, known once the repository exists. */
  readonly login: RegistryLogin;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Registry", name, {}, opts);
    const { address, pullers, keepDays } = args;
    // The policies stay with the repository: without them nothing would expire, and no other environment could pull.
    const retained = { parent: this, protect: true, retainOnDelete: true };
    const repository = new ecr.Repository(
      name,
      {
        name: address.name,
        // Tags of builds stay mutable: an interrupted build may have to push its own again.
        imageTagMutability: "MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: releaseTags }],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfigurations: [{ encryptionType: "AES256" }],
        forceDelete: false,
      },
      retained,
    );
    const attach = (policy: object) => ({ repository: repository.name, policy: JSON.stringify(policy) });
    new ecr.LifecyclePolicy(name, attach(lifecyclePolicy(keepDays)), retained);
    new ecr.RepositoryPolicy(name, attach(pullPolicy([address.account, ...pullers])), retained);
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

/** Pattern of releases' tags. A content key is hexadecimal, so it never matches. */
const releaseTags = "v*";

/**
 * Lifecycle policy of the repository. The first rule exempts releases from the second: an image belongs to the first rule
 * that covers it. It expires none, as a repository holds 100,000 images at most.
 */
const lifecyclePolicy = (keepDays: number) => ({
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
 * Policy that lets accounts pull, and look up tags, and nothing else. The plugin describes the repository too when it looks
 * up an image (https://github.com/hashicorp/terraform-provider-aws/issues/35303).
 */
const pullPolicy = (accounts: readonly string[]) => ({
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
 * Looks up a tag's digest in ECR, with the AWS credentials: no registry login ends up in the state.
 *
 * @throws the answer of ECR if the tag does not exist or may not be read
 */
export async function digestInEcr(
  { account, region, name }: EcrAddress,
  imageTag: string,
  opts: pulumi.InvokeOptions,
): Promise<string> {
  const image = await ecr.getImage({ registryId: account, region, repositoryName: name, imageTag }, opts);
  return image.imageDigest;
}
