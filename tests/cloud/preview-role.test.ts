import { inState } from "./scopes.ts";
import { type Anything, allow, same, statement, sub, type TemplatePromise, testPromises } from "./templates.ts";

const list = (value: Anything): string[] => [value].flat();

const ofStack = "kms:EncryptionContext:stack";

const promises: TemplatePromise[] = [
  [
    "is only for the previews and the drift check of one environment of one repository",
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
    "reads the state, and decrypts only secrets of its own stack and of the previous one",
    ({ State }) =>
      same(State.Properties.PolicyDocument.Statement, [
        allow(undefined, "s3:ListBucket", { Resource: sub(inState) }),
        allow(undefined, "s3:GetObject", { Resource: sub(`${inState}/*`) }),
        allow("TheBucketIsOpened", "kms:Decrypt", {
          Resource: { Ref: "StateKey" },
          Condition: { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } },
        }),
        allow("ItsOwnSecretsAreOpened", "kms:Decrypt", {
          Resource: { Ref: "StateKey" },
          Condition: { StringEquals: { [ofStack]: [{ Ref: "Environment" }, { Ref: "PromotesFrom" }] } },
        }),
      ]),
    ({ State }) => (State.Properties.PolicyDocument.Statement[1].Action = ["s3:GetObject", "s3:PutObject"]),
    (all) => (statement(all, "ItsOwnSecretsAreOpened").Condition = undefined),
  ],
  [
    "changes nothing in AWS",
    ({ Looking }) =>
      Looking.Properties.PolicyDocument.Statement.every(({ Effect, Action }: Anything) => {
        return (
          Effect === "Allow" && list(Action).every((action) => /^[a-z0-9]+:(Describe|Get|List)[\w*]*$/.test(action))
        );
      }),
    ({ Looking }) => Looking.Properties.PolicyDocument.Statement[0].Action.push("eks:UpdateClusterConfig"),
  ],
];

describe("The role that previews", () => testPromises("preview-role", promises));
