import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { digestInEcr, Registry } from "../../../components/aws/registry.ts";
import { only, resolved } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const address = { account: "111122223333", region: "eu-north-1", name: "team/shop" };
const deployed = (pullers: string[] = []) =>
  inAmazon(({ provider }) => new Registry("registry", { address, pullers, keepDays: 30 }, { provider }));

const repository = "aws:ecr/repository:Repository";
const lifecycle = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
const policy = "aws:ecr/repositoryPolicy:RepositoryPolicy";

describe("Registry", () => {
  it("never lets a release's tag move; scans and encrypts images", async () => {
    assert.deepEqual(only((await deployed()).resources, repository).inputs, {
      name: "team/shop",
      imageTagMutability: "MUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "v*" }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: false,
    });
  });

  it("outlives its stack, with its images and policies", async () => {
    const retained = (await deployed()).resources.filter(({ protect, retainOnDelete }) => protect && retainOnDelete);
    assert.deepEqual(
      retained.map(({ type }) => type),
      [repository, lifecycle, policy],
    );
  });

  it("expires builds, and never a release", async () => {
    const { rules } = JSON.parse(only((await deployed()).resources, lifecycle).inputs.policy);
    assert.deepEqual(
      rules.map(({ rulePriority, selection }: Record<string, object>) => [rulePriority, selection]),
      [
        [1, { tagStatus: "tagged", tagPatternList: ["v*"], countType: "imageCountMoreThan", countNumber: 100_000 }],
        [2, { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 30 }],
      ],
    );
  });

  it("lets its own account and the named ones pull, and do nothing else", async () => {
    for (const pullers of [[], ["222233334444", "333344445555"]]) {
      const { resources } = await deployed(pullers);
      assert.deepEqual(JSON.parse(only(resources, policy).inputs.policy).Statement, [
        {
          Sid: "PullFromOtherEnvironments",
          Effect: "Allow",
          Principal: { AWS: ["111122223333", ...pullers].map((id) => `arn:aws:iam::${id}:root`) },
          Action: [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:DescribeImages",
            "ecr:DescribeRepositories",
            "ecr:GetDownloadUrlForLayer",
          ],
        },
      ]);
    }
  });

  it("gives the build a token of the day, as a secret", async () => {
    const { login } = (await deployed()).result;
    assert.equal(login.address, "111122223333.dkr.ecr.eu-north-1.amazonaws.com");
    assert.equal(login.username, "AWS");
    assert.equal(await resolved(login.password), "token-of-the-day");
    assert.equal(await pulumi.isSecret(login.password), true);
  });

  it("looks up the digest of a tag, also in another account", async () => {
    const requests: object[] = [];
    const getImage = (inputs: object) => {
      requests.push(inputs);
      return { imageDigest: "sha256:abc" };
    };
    const { result } = await inAmazon(({ provider }) => digestInEcr(address, "v1.2", { provider }), {
      "aws:ecr/getImage:getImage": getImage,
    });
    assert.equal(result, "sha256:abc");
    const request = { registryId: "111122223333", region: "eu-north-1", repositoryName: "team/shop", imageTag: "v1.2" };
    assert.deepEqual(requests, [request]);
  });
});
