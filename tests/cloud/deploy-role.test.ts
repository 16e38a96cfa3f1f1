import { tagsPolicy } from "../../components/aws/roles.ts";
import { inState, scopes, stateOf } from "./scopes.ts";
import { type Anything, keeps, type Promised, same, statement, sub, useOfKey } from "./templates.ts";

const list = (value: Anything): string[] => [value].flat();

/** Every statement of the policies of who deploys, but those about the state. */
const granted = (role: Anything): Anything[] =>
  Object.values<Anything>(role)
    .filter(({ Type, Properties }) => Type === "AWS::IAM::RolePolicy" && Properties.PolicyName !== "state")
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);

/** What a cluster may tag as its own. */
const ownTag = { "aws:RequestTag/eks:eks-cluster-name": `\${aws:PrincipalTag/eks:eks-cluster-name}` };
const like = (...tags: string[]) =>
  Object.fromEntries(tags.map((tag) => [`aws:RequestTag/eks:kubernetes-${tag}`, "*"]));

const ofStack = "kms:EncryptionContext:stack";
const withKey = (Condition: object) => ({ Resource: { Ref: "StateKey" }, Condition });

const promises: Promised[] = [
  [
    "one environment of one repository takes the role, by GitHub's word, and nobody else",
    ({ Role, GitHub }) =>
      same(GitHub.Properties, {
        Url: "https://token.actions.githubusercontent.com",
        ClientIdList: ["sts.amazonaws.com"],
      }) &&
      same(Role.Properties.AssumeRolePolicyDocument.Statement, [
        {
          Sid: "JobsOfOneEnvironment",
          Effect: "Allow",
          Principal: {
            Federated: { "Fn::If": ["MakesProvider", { "Fn::GetAtt": ["GitHub", "Arn"] }, { Ref: "Provider" }] },
          },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
              "token.actions.githubusercontent.com:sub": sub(`repo:\${Repository}:environment:\${Environment}`),
            },
          },
        },
      ]) &&
      Role.Properties.MaxSessionDuration <= 7200,
    ({ Role }) => {
      const [{ Condition }] = Role.Properties.AssumeRolePolicyDocument.Statement;
      Condition.StringEquals["token.actions.githubusercontent.com:sub"] = "repo:team/*";
    },
    ({ Role }) => {
      Role.Properties.AssumeRolePolicyDocument.Statement[0].Principal = { AWS: "*" };
    },
    ({ Role }) => {
      Role.Properties.MaxSessionDuration = 43200;
    },
  ],
  [
    "who deploys writes the state of its own stack alone, and opens its secrets and those of the stack before it",
    ({ State }) =>
      same(State.Properties.PolicyDocument.Statement, [
        { Effect: "Allow", Action: "s3:ListBucket", Resource: sub(inState) },
        { Sid: "EveryStackIsRead", Effect: "Allow", Action: "s3:GetObject", Resource: sub(`${inState}/*`) },
        {
          ...{ Sid: "ItsOwnIsWritten", Effect: "Allow", Action: ["s3:PutObject", "s3:DeleteObject"] },
          Resource: stateOf("Environment"),
        },
        {
          ...{ Sid: "TheBucketIsOpened", Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"] },
          ...withKey({ StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } }),
        },
        {
          ...{ Sid: "ItsOwnSecretsAreClosed", Effect: "Allow", Action: "kms:Encrypt" },
          ...withKey({ StringEquals: { [ofStack]: { Ref: "Environment" } } }),
        },
        {
          ...{ Sid: "ItsOwnSecretsAreOpened", Effect: "Allow", Action: "kms:Decrypt" },
          ...withKey({ StringEquals: { [ofStack]: [{ Ref: "Environment" }, { Ref: "PromotesFrom" }] } }),
        },
        { Sid: "TheKeyIsForUseAlone", Effect: "Deny", NotAction: useOfKey, Resource: { Ref: "StateKey" } },
      ]),
    ({ State }) => {
      State.Properties.PolicyDocument.Statement.pop();
    },
    ...["ItsOwnSecretsAreOpened", "TheBucketIsOpened"].map((sid) => (all: Anything) => {
      statement(all, sid).Condition = undefined;
    }),
    (all) => {
      statement(all, "ItsOwnIsWritten").Resource = sub(`${inState}/*`);
    },
  ],
  [
    "each grant holds where it has to and nowhere else: its own folder of roles, one region, one zone, the policies of a list",
    (all) => {
      const found = granted(all).filter(({ Sid }) => Sid in scopes);
      const rest = granted(all).filter((one) => !found.includes(one));
      return (
        found.length === Object.keys(scopes).length &&
        found.every(({ Sid, Effect, Action: _, ...scope }) => Effect === "Allow" && same(scope, scopes[Sid])) &&
        rest.every(({ Effect, Resource }) => Effect === "Allow" && same(Resource, { Ref: "ClusterTags" }))
      );
    },
    ...["WithThesePoliciesAlone", "NetworkInOneRegion", "KeysOfClusters", "NewKeysWithTheTag"].map(
      (sid) => (all: Anything) => {
        statement(all, sid).Condition = undefined;
      },
    ),
    ...["RolesOfTheProgramAlone", "HandedToThese", "Clusters", "RecordsOfOneZone"].map((sid) => (all: Anything) => {
      statement(all, sid).Resource = "*";
    }),
    (all) => {
      statement(all, "WithThesePoliciesAlone").Condition.ArnEquals["iam:PolicyARN"].push(
        "arn:aws:iam::aws:policy/AdministratorAccess",
      );
    },
    ({ Zone }) => {
      Zone.Properties.PolicyDocument.Statement.push({ Effect: "Allow", Action: "route53:*", Resource: "*" });
    },
  ],
  [
    "the role has the name that the state lets in, every policy is its own, and GitHub is made known where it is not yet",
    ({ Role, GitHub, ...rest }) =>
      Role.Properties.RoleName === "slipway-deploy" &&
      GitHub.Condition === "MakesProvider" &&
      Object.values<Anything>(rest)
        .filter(({ Type }) => Type === "AWS::IAM::RolePolicy")
        .every(({ Properties }) => same(Properties.RoleName, { Ref: "Role" })),
    ({ Role }) => {
      Role.Properties.RoleName = "deploy";
    },
    ({ Zone }) => {
      Zone.Properties.RoleName = "admin";
    },
  ],
  [
    "other stacks and a zone are granted where they are named alone",
    ({ OtherStates, Zone }) => OtherStates.Condition === "HasOthers" && Zone.Condition === "HasZone",
    ({ OtherStates }) => {
      OtherStates.Condition = undefined;
    },
  ],
  [
    "who deploys can write no policy and no user's key, and delete no image, snapshot or volume",
    (all) => {
      const never =
        /^(\*|[a-z0-9]+:\*|iam:(Put|CreatePolicy|CreateUser|CreateAccessKey|UpdateLogin)\w*|ecr:(Batch)?Delete\w*|ec2:Delete(Snapshot|Volume))$/;
      return granted(all).every(({ Action }) => list(Action).every((action) => !never.test(action)));
    },
    ({ Roles }) => {
      Roles.Properties.PolicyDocument.Statement[0].Action.push("iam:PutRolePolicy");
    },
    (all) => {
      statement(all, "ImagesAreNeverDeletedByHand").Action.push("ecr:BatchDeleteImage");
    },
    (all) => {
      statement(all, "NetworkInOneRegion").Action = "ec2:*";
    },
  ],
  [
    "whatever holds everywhere is only looked at, or asks for a login",
    (all) => list(statement(all, "LookingAround").Action).every((action) => /:(Describe|Get|List)/.test(action)),
    (all) => {
      statement(all, "LookingAround").Action.push("ec2:TerminateInstances");
    },
  ],
  [
    "a cluster tags what is its own alone, by a policy that lies where the program looks for it",
    ({ ClusterTags: { Properties } }) =>
      `${Properties.Path}${Properties.ManagedPolicyName}` === tagsPolicy("1").split(":policy")[1] &&
      // https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html#tag-prop
      same(Properties.PolicyDocument.Statement, [
        {
          ...{ Sid: "Nodes", Effect: "Allow", Resource: "*" },
          Action: ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
          Condition: { StringEquals: ownTag, StringLike: like("node-class-name", "node-pool-name") },
        },
        {
          ...{ Sid: "Network", Effect: "Allow", Action: "ec2:CreateNetworkInterface", Resource: "*" },
          Condition: { StringEquals: ownTag, StringLike: like("cni-node-name") },
        },
        {
          ...{ Sid: "Storage", Effect: "Allow", Action: ["ec2:CreateVolume", "ec2:CreateSnapshot"] },
          Resource: ["arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*:*:snapshot/*"],
          Condition: { StringEquals: ownTag },
        },
        {
          ...{ Sid: "LoadBalancers", Effect: "Allow", Resource: "*" },
          Action: [
            "ec2:CreateSecurityGroup",
            ...["Listener", "LoadBalancer", "Rule", "TargetGroup"].map((what) => `elasticloadbalancing:Create${what}`),
          ],
          Condition: { StringEquals: ownTag },
        },
      ]),
    ({ ClusterTags }) => {
      ClusterTags.Properties.PolicyDocument.Statement[1].Condition = undefined;
    },
    ({ ClusterTags }) => {
      ClusterTags.Properties.Path = "/";
    },
  ],
];

describe("The role that deploys", () => keeps("deploy-role", promises));
