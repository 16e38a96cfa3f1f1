import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { digestInEcr, Registry } from "../../../components/aws/registry.ts";
import { ecrAddress } from "../../../settings/ecr-address.ts";
import { only, resolved } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

const address = { account: "111122223333", region: "eu-north-1", name: "team/shop" };
const deployed = (pullers: string[] = []) =>
  inAmazon(({ provider }) => new Registry("registry", { address, pullers, keepDays: 30 }, { provider }));

const repository = "aws:ecr/repository:Repository";
const lifecycle = "aws:ecr/lifecyclePolicy:LifecyclePolicy";
const policy = "aws:ecr/repositoryPolicy:RepositoryPolicy";

describe("Registry", () => {
  it("never lets a release's tag be moved; scans and encrypts what is pushed", async () => {
    const { resources } = await deployed();
    assert.deepEqual(only(resources, repository).inputs, {
      name: "team/shop",
      imageTagMutability: "MUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "v*" }],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "AES256" }],
      forceDelete: false,
    });
  });

  it("outlives its stack, with all images, what expires of them, and who may pull", async () => {
    const kept = (await deployed()).resources.filter(({ protect, retainOnDelete }) => protect && retainOnDelete);
    assert.deepEqual(
      kept.map(({ type }) => type),
      [repository, lifecycle, policy],
    );
  });

  it("lets what no release is named after expire, and no release", async () => {
    const { rules } = JSON.parse(only((await deployed()).resources, lifecycle).inputs.policy);
    assert.deepEqual(
      rules.map(({ rulePriority, selection }: { rulePriority: number; selection: object }) => [
        rulePriority,
        selection,
      ]),
      [
        [1, { tagStatus: "tagged", tagPatternList: ["v*"], countType: "imageCountMoreThan", countNumber: 100_000 }],
        [2, { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 30 }],
      ],
    );
  });

  it("is open to its own account alone, where no other is named", async () => {
    const [statement, ...others] = JSON.parse(only((await deployed()).resources, policy).inputs.policy).Statement;
    assert.deepEqual(statement.Principal, { AWS: ["arn:aws:iam::111122223333:root"] });
    assert.deepEqual(others, []);
  });

  it("lets the accounts that are named pull, and no more than that", async () => {
    const { resources } = await deployed(["222233334444", "333344445555"]);
    assert.deepEqual(JSON.parse(only(resources, policy).inputs.policy).Statement, [
      {
        Sid: "PullFromOtherEnvironments",
        Effect: "Allow",
        Principal: { AWS: ["111122223333", "222233334444", "333344445555"].map((id) => `arn:aws:iam::${id}:root`) },
        Action: [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:DescribeImages",
          "ecr:DescribeRepositories",
          "ecr:GetDownloadUrlForLayer",
        ],
      },
    ]);
  });

  it("hands the build a token of the day, as a secret", async () => {
    const { result } = await deployed();
    assert.equal(result.login.address, "111122223333.dkr.ecr.eu-north-1.amazonaws.com");
    assert.equal(result.login.username, "AWS");
    assert.equal(await resolved(result.login.password), "token-of-the-day");
    assert.equal(await pulumi.isSecret(result.login.password), true);
  });

  it("says what a tag points to, also in another account", async () => {
    const asked: object[] = [];
    const getImage = (inputs: object) => {
      asked.push(inputs);
      return { imageDigest: "sha256:abc" };
    };
    const { result } = await inAmazon(({ provider }) => digestInEcr(address, "v1.2", { provider }), {
      "aws:ecr/getImage:getImage": getImage,
    });
    assert.equal(result, "sha256:abc");
    assert.deepEqual(asked, [
      { registryId: "111122223333", region: "eu-north-1", repositoryName: "team/shop", imageTag: "v1.2" },
    ]);
  });
});

describe("The address of a repository", () => {
  it("tells account, region and name", () => {
    assert.deepEqual(ecrAddress("111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/shop"), address);
  });

  for (const other of [
    "localhost:5000/shop",
    "registry.example.com/team/shop",
    "11112222333.dkr.ecr.eu-north-1.amazonaws.com/shop",
    "111122223333.dkr.ecr.cn-north-1.amazonaws.com/shop",
    "111122223333.dkr.ecr.eu-north-1.amazonaws.com.evil.example/shop",
    "x.111122223333.dkr.ecr.eu-north-1.amazonaws.com/shop",
  ])
    it(`is not Amazon's: ${other}`, () => assert.equal(ecrAddress(other), undefined));
});
