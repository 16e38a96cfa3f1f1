import { tagsPolicy } from "../../components/aws/roles.ts";
import { inState, scopes, stateOf } from "./scopes.ts";
import {
  type Anything,
  allow,
  same,
  statement,
  sub,
  type TemplatePromise,
  testPromises,
  useOfKey,
} from "./templates.ts";

const list = (value: Anything): string[] => [value].flat();

/** Statements of the role's policies, except those about the state. */
const granted = (role: Anything): Anything[] =>
  Object.values<Anything>(role)
    .filter(({ Type, Properties }) => Type === "AWS::IAM::RolePolicy" && Properties.PolicyName !== "state")
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);

/** Condition for resources of the cluster itself. */
const ownTag = { "aws:RequestTag/eks:eks-cluster-name": `\${aws:PrincipalTag/eks:eks-cluster-name}` };
const like = (...tags: string[]) =>
  Object.fromEntries(tags.map((tag) => [`aws:RequestTag/eks:kubernetes-${tag}`, "*"]));

const creations = ["Listener", "LoadBalancer", "Rule", "TargetGroup"].map(
  (kind) => `elasticloadbalancing:Create${kind}`,
);

const ofStack = "kms:EncryptionContext:stack";
const own = { Ref: "Environment" };
const previous = { Ref: "PromotesFrom" };
const viaS3 = { "kms:ViaService": "s3.*.amazonaws.com" };
const withKey = (Condition: object) => ({ Resource: { Ref: "StateKey" }, Condition });

const promises: TemplatePromise[] = [
  [
    "is only for the jobs of one environment of one repository",
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
    ({ Role }) => (Role.Properties.AssumeRolePolicyDocument.Statement[0].Principal = { AWS: "*" }),
    ({ Role }) => (Role.Properties.MaxSessionDuration = 43200),
  ],
  [
    "writes only the state of its own stack, and decrypts only secrets of that and of the previous one",
    ({ State }) =>
      same(State.Properties.PolicyDocument.Statement, [
        allow(undefined, "s3:ListBucket", { Resource: sub(inState) }),
        allow("EveryStackIsRead", "s3:GetObject", { Resource: sub(`${inState}/*`) }),
        allow("ItsOwnIsWritten", ["s3:PutObject", "s3:DeleteObject"], { Resource: stateOf("Environment") }),
        allow("TheBucketIsOpened", ["kms:Decrypt", "kms:GenerateDataKey"], withKey({ StringLike: viaS3 })),
        allow("ItsOwnSecretsAreClosed", "kms:Encrypt", withKey({ StringEquals: { [ofStack]: own } })),
        allow("ItsOwnSecretsAreOpened", "kms:Decrypt", withKey({ StringEquals: { [ofStack]: [own, previous] } })),
        { Sid: "TheKeyIsForUseAlone", Effect: "Deny", NotAction: useOfKey, Resource: { Ref: "StateKey" } },
      ]),
    ({ State }) => State.Properties.PolicyDocument.Statement.pop(),
    ...["ItsOwnSecretsAreOpened", "TheBucketIsOpened"].map(
      (sid) => (all: Anything) => (statement(all, sid).Condition = undefined),
    ),
    (all) => (statement(all, "ItsOwnIsWritten").Resource = sub(`${inState}/*`)),
  ],
  [
    "limits each grant to its roles, its region, its zone and a list of policies",
    (all) => {
      const scoped = granted(all).filter(({ Sid }) => Sid in scopes);
      const rest = granted(all).filter((one) => !scoped.includes(one));
      return (
        scoped.length === Object.keys(scopes).length &&
        scoped.every(({ Sid, Effect, Action: _, ...scope }) => Effect === "Allow" && same(scope, scopes[Sid])) &&
        rest.every(({ Effect, Resource }) => Effect === "Allow" && same(Resource, { Ref: "ClusterTags" }))
      );
    },
    ...["WithThesePoliciesAlone", "NetworkInOneRegion", "KeysOfClusters", "NewKeysWithTheTag"].map(
      (sid) => (all: Anything) => (statement(all, sid).Condition = undefined),
    ),
    ...["RolesOfTheProgramAlone", "HandedToThese", "Clusters", "RecordsOfOneZone"].map(
      (sid) => (all: Anything) => (statement(all, sid).Resource = "*"),
    ),
    (all) => {
      statement(all, "WithThesePoliciesAlone").Condition.ArnEquals["iam:PolicyARN"].push(
        "arn:aws:iam::aws:policy/AdministratorAccess",
      );
    },
    ({ Zone }) =>
      Zone.Properties.PolicyDocument.Statement.push({ Effect: "Allow", Action: "route53:*", Resource: "*" }),
  ],
  [
    "has the name that the state allows, has all policies itself, and creates the OIDC provider only if necessary",
    ({ Role, GitHub, ...rest }) =>
      Role.Properties.RoleName === "slipway-deploy" &&
      GitHub.Condition === "MakesProvider" &&
      Object.values<Anything>(rest)
        .filter(({ Type }) => Type === "AWS::IAM::RolePolicy")
        .every(({ Properties }) => same(Properties.RoleName, { Ref: "Role" })),
    ({ Role }) => (Role.Properties.RoleName = "deploy"),
    ({ Zone }) => (Zone.Properties.RoleName = "admin"),
  ],
  [
    "has access to other stacks and a zone only if parameters name them",
    ({ OtherStates, Zone }) => OtherStates.Condition === "HasOthers" && Zone.Condition === "HasZone",
    ({ OtherStates }) => (OtherStates.Condition = undefined),
  ],
  [
    "can create no policies and access keys, and delete no images, snapshots and volumes",
    (all) => {
      const never =
        /^(\*|[a-z0-9]+:\*|iam:(Put|CreatePolicy|CreateUser|CreateAccessKey|UpdateLogin)\w*|ecr:(Batch)?Delete\w*|ec2:Delete(Snapshot|Volume))$/;
      return granted(all).every(({ Action }) => list(Action).every((action) => !never.test(action)));
    },
    ({ Roles }) => Roles.Properties.PolicyDocument.Statement[0].Action.push("iam:PutRolePolicy"),
    (all) => statement(all, "ImagesAreNeverDeletedByHand").Action.push("ecr:BatchDeleteImage"),
    (all) => (statement(all, "NetworkInOneRegion").Action = "ec2:*"),
  ],
  [
    "can only read metadata and log in to the registry outside of its scopes",
    (all) => list(statement(all, "LookingAround").Action).every((action) => /:(Describe|Get|List)/.test(action)),
    (all) => statement(all, "LookingAround").Action.push("ec2:TerminateInstances"),
  ],
  [
    "lets a cluster tag only its own resources, by a policy at the path that the program uses",
    ({ ClusterTags: { Properties } }) =>
      `${Properties.Path}${Properties.ManagedPolicyName}` === tagsPolicy("1").split(":policy")[1] &&
      // https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html#tag-prop
      same(Properties.PolicyDocument.Statement, [
        allow("Nodes", ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"], {
          Resource: "*",
          Condition: { StringEquals: ownTag, StringLike: like("node-class-name", "node-pool-name") },
        }),
        allow("Network", "ec2:CreateNetworkInterface", {
          Resource: "*",
          Condition: { StringEquals: ownTag, StringLike: like("cni-node-name") },
        }),
        allow("Storage", ["ec2:CreateVolume", "ec2:CreateSnapshot"], {
          Resource: ["arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*:*:snapshot/*"],
          Condition: { StringEquals: ownTag },
        }),
        allow("LoadBalancers", ["ec2:CreateSecurityGroup", ...creations], {
          Resource: "*",
          Condition: { StringEquals: ownTag },
        }),
      ]),
    ({ ClusterTags }) => (ClusterTags.Properties.PolicyDocument.Statement[1].Condition = undefined),
    ({ ClusterTags }) => (ClusterTags.Properties.Path = "/"),
  ],
];

describe("The role that deploys", () => testPromises("deploy-role", promises));
