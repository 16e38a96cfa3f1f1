import assert from "node:assert/strict";
import { awsName, kubernetesName, resourceCount } from "../../policy/limits.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { type Judged, judges, object, violations } from "./rule-tests.ts";

const many = (count: number): Judged[] => Array.from({ length: count }, () => object("core/v1:ConfigMap", {}));
const stack: Judged = { type: "pulumi:pulumi:Stack", props: {} };

judges(resourceCount, {
  passes: { "150 resources, and the stack itself": [stack, ...many(150)] },
  fails: {
    "one more": [[stack, ...many(151)], /^the stack: [\s\S]*the stack has 151 resources; at most 150 are expected/],
  },
});
judges(resourceCount, {
  configuration: { most: 2 },
  passes: { "as many as were set": many(2) },
  fails: { "one more": [many(3), /the stack has 3 resources; at most 2/] },
});

const named = (metadata: object, type = "core/v1:Service") => object(type, { metadata });
const cronJob = "batch/v1:CronJob";

judges(kubernetesName, {
  passes: {
    "63 characters": named({ name: "a".repeat(63) }),
    "52 of a CronJob": named({ name: "a".repeat(52) }, cronJob),
    "a name that is not known yet": named({ name: unknown, labels: { app: unknown } }),
    "no name": object("core/v1:Service", {}),
    "a label of 63 characters, and an empty one": named({ name: "a", labels: { a: "A".repeat(63), b: "" } }),
    "short names and labels": named({ name: "9-0.9", labels: { a: "9", b: "ab", c: "0_9" } }, "core/v1:ConfigMap"),
    "253 characters of what only has a name": named({ name: "a".repeat(253) }, "core/v1:ConfigMap"),
    "parts of a domain": named({ name: "tokens.example.com" }, "apiextensions.k8s.io/v1:CustomResourceDefinition"),
    "a namespace that begins with a digit": named({ name: "9-lives" }, "core/v1:Namespace"),
    ...Object.fromEntries(
      ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"].map((kind) => [
        `a ${kind} that is named as Kubernetes names its own`,
        named({ name: "team:View.all" }, `rbac.authorization.k8s.io/v1:${kind}`),
      ]),
    ),
    "what is not Kubernetes'": { type: "other:index:Thing", props: { metadata: { name: "A" } } },
  },
  fails: {
    "64 characters": [named({ name: "a".repeat(64) }), /its name has 64 characters; at most 63/],
    "53 of a CronJob": [named({ name: "a".repeat(53) }, cronJob), /its name has 53 characters; at most 52/],
    ...Object.fromEntries(
      ["core/v1:Namespace", "apps/v1:StatefulSet", "batch/v1:Job"].map((type) => [
        `64 characters of ${type}`,
        [named({ name: "a".repeat(64) }, type), /its name has 64 characters; at most 63/],
      ]),
    ),
    "254 of what only has a name": [
      named({ name: "a".repeat(254) }, "core/v1:ConfigMap"),
      /its name has 254 characters; at most 253/,
    ],
    "a Service that begins with a digit": [named({ name: "9-lives" }), /its name is 9-lives/],
    "a Service with a dot": [named({ name: "a.b" }), /its name is a\.b/],
    "a namespace with a dot": [named({ name: "a.b" }, "core/v1:Namespace"), /its name is a\.b/],
    "a domain without a part": [named({ name: "a..b" }, "core/v1:Secret"), /its name is a\.\.b/],
    "a colon elsewhere": [named({ name: "team:view" }, "core/v1:Secret"), /its name is team:view/],
    "a Role that is a path": [named({ name: "a/b" }, "rbac.authorization.k8s.io/v1:Role"), /its name is a\/b/],
    "a Role that is the way up": [named({ name: ".." }, "rbac.authorization.k8s.io/v1:Role"), /its name is \.\./],
    capitals: [named({ name: "Web" }), /its name is Web/],
    "a label of 64 characters": [named({ name: "a", labels: { app: "a".repeat(64) } }), /its label app has a value/],
    "a label with a space": [named({ name: "a", labels: { app: "a b" } }), /its label app has a value/],
  },
});

const aws = (type: string, props: object): Judged => ({ type: `aws:${type}`, props });

judges(awsName, {
  passes: {
    "a role of 64 characters": aws("iam/role:Role", { name: "r".repeat(64) }),
    "a repository with a path": aws("ecr/repository:Repository", { name: "team/app" }),
    "a name that Amazon makes up": aws("iam/role:Role", { tags: { Name: "a" } }),
    "a tag that is not known yet": aws("ec2/vpc:Vpc", { tags: { Name: unknown } }),
  },
  fails: {
    "a role of 65 characters": [
      aws("iam/role:Role", { name: "r".repeat(65) }),
      /its name has 65 characters; at most 64/,
    ],
    "a repository in capitals": [aws("ecr/repository:Repository", { name: "Team/App" }), /its name is Team\/App/],
    "a group that is called like an id": [
      aws("ec2/securityGroup:SecurityGroup", { name: "sg-mine" }),
      /its name is sg-mine/,
    ],
    "a bucket in capitals": [aws("s3/bucket:Bucket", { bucket: "State" }), /its bucket is State/],
    "a tag that is too long": [aws("ec2/vpc:Vpc", { tags: { Name: "v".repeat(257) } }), /its tag Name is too long/],
  },
});

/** As Amazon's documentation has them. */
const longest: readonly (readonly [type: string, field: string, characters: number])[] = [
  ["iam/role:Role", "name", 64],
  ["iam/policy:Policy", "name", 128],
  ["ecr/repository:Repository", "name", 256],
  ["eks/cluster:Cluster", "name", 100],
  ["cloudwatch/logGroup:LogGroup", "name", 512],
  ["lb/loadBalancer:LoadBalancer", "name", 32],
  ["lb/targetGroup:TargetGroup", "name", 32],
  ["ec2/securityGroup:SecurityGroup", "name", 255],
  ["s3/bucket:Bucket", "bucket", 63],
  ["dlm/lifecyclePolicy:LifecyclePolicy", "description", 500],
];

describe("A name in AWS", () => {
  for (const [type, field, characters] of longest)
    it(`of ${type} has ${characters} characters at most`, async () => {
      const said = (length: number) => violations(awsName, [aws(type, { [field]: "n".repeat(length) })]);
      assert.deepEqual(await said(characters), []);
      assert.equal((await said(characters + 1)).length, 1);
    });
});
