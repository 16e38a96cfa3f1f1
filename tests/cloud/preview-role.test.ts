import { inState } from "./scopes.ts";
import { type Anything, keeps, type Promised, same, statement, sub } from "./templates.ts";

const list = (value: Anything): string[] => [value].flat();

const promises: Promised[] = [
  [
    "previews of one environment of one repository take the role, its nightly check too, and nobody else",
    ({ Role }) =>
      same(Role.Properties.AssumeRolePolicyDocument.Statement, [
        {
          Sid: "JobsOfTwoEnvironments",
          Effect: "Allow",
          Principal: { Federated: { Ref: "Provider" } },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": ["preview", "drift"].map((what) =>
                sub(`repo:\${Repository}:environment:\${Environment}-${what}`),
              ),
            },
          },
        },
      ]),
    ({ Role }) => {
      const [{ Condition }] = Role.Properties.AssumeRolePolicyDocument.Statement;
      Condition.StringEquals["token.actions.githubusercontent.com:sub"].push("repo:team/app:pull_request");
    },
  ],
  [
    "it reads the state, and opens the secrets of its own stack and of the one before it alone",
    ({ State }) =>
      same(State.Properties.PolicyDocument.Statement, [
        { Effect: "Allow", Action: "s3:ListBucket", Resource: sub(inState) },
        { Effect: "Allow", Action: "s3:GetObject", Resource: sub(`${inState}/*`) },
        {
          ...{ Sid: "TheBucketIsOpened", Effect: "Allow", Action: "kms:Decrypt", Resource: { Ref: "StateKey" } },
          Condition: { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } },
        },
        {
          ...{ Sid: "ItsOwnSecretsAreOpened", Effect: "Allow", Action: "kms:Decrypt", Resource: { Ref: "StateKey" } },
          Condition: {
            StringEquals: { "kms:EncryptionContext:stack": [{ Ref: "Environment" }, { Ref: "PromotesFrom" }] },
          },
        },
      ]),
    ({ State }) => {
      State.Properties.PolicyDocument.Statement[1].Action = ["s3:GetObject", "s3:PutObject"];
    },
    (all) => {
      statement(all, "ItsOwnSecretsAreOpened").Condition = undefined;
    },
  ],
  [
    "it changes nothing in AWS",
    ({ Looking }) =>
      Looking.Properties.PolicyDocument.Statement.every(({ Effect, Action }: Anything) => {
        return (
          Effect === "Allow" && list(Action).every((action) => /^[a-z0-9]+:(Describe|Get|List)[\w*]*$/.test(action))
        );
      }),
    ({ Looking }) => {
      Looking.Properties.PolicyDocument.Statement[0].Action.push("eks:UpdateClusterConfig");
    },
  ],
];

describe("The role that previews", () => keeps("preview-role", promises));
