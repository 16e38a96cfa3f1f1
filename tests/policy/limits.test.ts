import { awsName, kubernetesName, resourceCount } from "../../policy/limits.ts";
import { unknown } from "../../policy/unknown-values.ts";
import { describeRule, object, type TestResource } from "./rule-tests.ts";

const many = (count: number): TestResource[] => Array.from({ length: count }, () => object("core/v1:ConfigMap", {}));
const stack: TestResource = { type: "pulumi:pulumi:Stack", props: {} };

describeRule(resourceCount, {
  accepts: { "150 resources, and the stack itself": [stack, ...many(150)] },
  refuses: {
    "151 resources": [
      [stack, ...many(151)],
      /^the stack: [\s\S]*the stack has 151 resources; at most 150 are expected/,
    ],
  },
});
describeRule(resourceCount, {
  configuration: { most: 2 },
  accepts: { "as many as configured": many(2) },
  refuses: { "one more than configured": [many(3), /the stack has 3 resources; at most 2/] },
});

const named = (metadata: object, type = "core/v1:Service") => object(type, { metadata });
const cronJob = "batch/v1:CronJob";

describeRule(kubernetesName, {
  accepts: {
    "63 characters": named({ name: "a".repeat(63) }),
    "52 characters of a CronJob": named({ name: "a".repeat(52) }, cronJob),
    "an unknown name": named({ name: unknown, labels: { app: unknown } }),
    "no name": object("core/v1:Service", {}),
    "a label of 63 characters, and an empty one": named({ name: "a", labels: { a: "A".repeat(63), b: "" } }),
    "short names and labels": named({ name: "9-0.9", labels: { a: "9", b: "ab", c: "0_9" } }, "core/v1:ConfigMap"),
    "253 characters of a ConfigMap": named({ name: "a".repeat(253) }, "core/v1:ConfigMap"),
    "a domain name": named({ name: "tokens.example.com" }, "apiextensions.k8s.io/v1:CustomResourceDefinition"),
    "a namespace with a leading digit": named({ name: "9-lives" }, "core/v1:Namespace"),
    ...Object.fromEntries(
      ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"].map((kind) => [
        `a ${kind} with a colon`,
        named({ name: "team:View.all" }, `rbac.authorization.k8s.io/v1:${kind}`),
      ]),
    ),
    "a resource outside Kubernetes": { type: "other:index:Thing", props: { metadata: { name: "A" } } },
  },
  refuses: {
    "64 characters": [named({ name: "a".repeat(64) }), /its name has 64 characters; at most 63/],
    "53 characters of a CronJob": [named({ name: "a".repeat(53) }, cronJob), /its name has 53 characters; at most 52/],
    ...Object.fromEntries(
      ["core/v1:Namespace", "apps/v1:StatefulSet", "batch/v1:Job"].map((type) => [
        `64 characters of ${type}`,
        [named({ name: "a".repeat(64) }, type), /its name has 64 characters; at most 63/],
      ]),
    ),
    "254 characters of a ConfigMap": [
      named({ name: "a".repeat(254) }, "core/v1:ConfigMap"),
      /its name has 254 characters; at most 253/,
    ],
    "a Service with a leading digit": [named({ name: "9-lives" }), /its name is 9-lives/],
    "a Service with a dot": [named({ name: "a.b" }), /its name is a\.b/],
    "a namespace with a dot": [named({ name: "a.b" }, "core/v1:Namespace"), /its name is a\.b/],
    "a domain name with an empty label": [named({ name: "a..b" }, "core/v1:Secret"), /its name is a\.\.b/],
    "a Secret with a colon": [named({ name: "team:view" }, "core/v1:Secret"), /its name is team:view/],
    "a Role with a slash": [named({ name: "a/b" }, "rbac.authorization.k8s.io/v1:Role"), /its name is a\/b/],
    "a Role named ..": [named({ name: ".." }, "rbac.authorization.k8s.io/v1:Role"), /its name is \.\./],
    capitals: [named({ name: "Web" }), /its name is Web/],
    "a label of 64 characters": [named({ name: "a", labels: { app: "a".repeat(64) } }), /its label app has a value/],
    "a label with a space": [named({ name: "a", labels: { app: "a b" } }), /its label app has a value/],
  },
});

const aws = (type: string, props: object): TestResource => ({ type: `aws:${type}`, props });

describeRule(awsName, {
  accepts: {
    "a role of 64 characters": aws("iam/role:Role", { name: "r".repeat(64) }),
    "a repository with a path": aws("ecr/repository:Repository", { name: "team/app" }),
    "a resource without a name": aws("iam/role:Role", { tags: { Name: "a" } }),
    "an unknown tag": aws("ec2/vpc:Vpc", { tags: { Name: unknown } }),
  },
  refuses: {
    "a role of 65 characters": [
      aws("iam/role:Role", { name: "r".repeat(65) }),
      /its name has 65 characters; at most 64/,
    ],
    "a repository in capitals": [aws("ecr/repository:Repository", { name: "Team/App" }), /its name is Team\/App/],
    "a security group with the prefix of ids": [
      aws("ec2/securityGroup:SecurityGroup", { name: "sg-mine" }),
      /its name is sg-mine/,
    ],
    "a load balancer of 33 characters": [
      aws("lb/loadBalancer:LoadBalancer", { name: "b".repeat(33) }),
      /its name has 33 characters; at most 32/,
    ],
    "a bucket in capitals": [aws("s3/bucket:Bucket", { bucket: "State" }), /its bucket is State/],
    "a tag that is too long": [aws("ec2/vpc:Vpc", { tags: { Name: "v".repeat(257) } }), /its tag Name is too long/],
  },
});
