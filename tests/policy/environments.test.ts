import assert from "node:assert/strict";
import { rules } from "../../policy/rules.ts";
import { files, rendered } from "../commands/environments/committed.ts";
import { type TestResource, toTestResources, violatedRules, violations } from "./rule-tests.ts";

// biome-ignore lint/suspicious/noExplicitAny: inputs of any kind
type Anything = any;

/** Resources of an environment. */
class Environment {
  readonly all: TestResource[];

  constructor(all: TestResource[]) {
    this.all = all;
  }

  /** Finds a resource by `KIND NAME`. */
  one(title: string): Anything {
    const [kind, name] = title.split(" ");
    const [resource, ...more] = this.all.filter((each) => each.type.split(":").at(-1) === kind && each.name === name);
    assert.ok(resource && more.length === 0, title);
    return resource;
  }

  props = (title: string): Anything => this.one(title).props;

  pod(title: string): Anything {
    const { spec } = this.props(title);
    return (spec.jobTemplate?.spec ?? spec).template.spec;
  }

  container = (title: string): Anything => this.pod(title).containers[0];

  /** Changes the first statement of a policy. */
  changeStatement(title: string, field: string, change: object): void {
    const props = this.props(title);
    const document = JSON.parse(props[field]);
    Object.assign(document.Statement[0], change);
    props[field] = JSON.stringify(document);
  }
}

const web = "Deployment web";
const level = "pod-security.kubernetes.io/enforce";
const data = [
  ...["PersistentVolumeClaim database-data", "PersistentVolumeClaim database-backups-data", "Namespace app"],
  ...["Key cluster-secrets", "Cluster cluster", "Vpc network"],
];

/** Changes of an environment, by the one rule that refuses each. */
type Changes = Readonly<Record<string, Readonly<Record<string, (all: Environment) => unknown>>>>;

/** Changes of prod, which has the most resources. */
const inProd: Changes = {
  "image-by-digest": {
    "a tag for the migration": (all) => {
      const migration = all.container("Job web-migration");
      migration.image = migration.image.replace(/@.*/, ":v1.1");
    },
    "no version for the backup": (all) => (all.container("CronJob database-backups").image = "postgres"),
  },
  "image-registry": {
    "another registry": (all) => (all.container(web).image = `ghcr.io/somebody/app@sha256:${"e".repeat(64)}`),
  },
  "pod-restricted": {
    "the node's network": (all) => (all.pod(web).hostNetwork = true),
    "a root user in the job of a login": (all) =>
      delete all.pod("Job database-login-open").securityContext.runAsNonRoot,
    "privileges in the database": (all) => (all.container("StatefulSet database").securityContext.privileged = true),
  },
  "pod-read-only": {
    "a writable root filesystem": (all) =>
      (all.container("Job web-migration").securityContext.readOnlyRootFilesystem = false),
  },
  "pod-without-token": {
    "a service account's token": (all) => delete all.pod("StatefulSet database").automountServiceAccountToken,
  },
  "namespace-restricted": {
    "a lower level of the namespace": (all) => (all.props("Namespace app").metadata.labels[level] = "baseline"),
  },
  "plain-secret": {
    "the password as a value": (all) => {
      const variable = all.container(web).env.find(({ name }: Anything) => name === "PGPASSWORD");
      variable.valueFrom = undefined;
      variable.value = "hunter2";
    },
  },
  "container-probes": {
    "no liveness probe of the database": (all) => delete all.container("StatefulSet database").livenessProbe,
  },
  "container-resources": {
    "no memory limit of the backup": (all) => delete all.container("CronJob database-backups").resources.limits.memory,
  },
  "public-load-balancer": {
    "a load balancer of the application": (all) => (all.props("Service web").spec.type = "LoadBalancer"),
    "an ingress without TLS": (all) => delete all.props("Ingress web").spec.tls,
    "an edge that no setting asked for": (all) => {
      const parameters = all.one("IngressClassParams edge-parameters");
      parameters.urn = parameters.urn.replace("slipway:index:Edge$", "");
    },
  },
  "data-protected": Object.fromEntries(
    data.map((title) => [`no protection of ${title}`, (all: Environment) => (all.one(title).protect = false)]),
  ),
  "volumes-kept": {
    "volumes that are deleted with their claims": (all) =>
      (all.props("StorageClass storage-gp3").reclaimPolicy = "Delete"),
  },
  "iam-wildcard": {
    "everybody in a role": (all) =>
      all.changeStatement("Role cluster-nodes", "assumeRolePolicy", { Principal: { AWS: "*" } }),
    "everybody in a key": (all) => all.changeStatement("Key cluster-secrets", "policy", { Principal: { AWS: "*" } }),
  },
  "public-bucket": {
    "a public bucket": ({ all }) =>
      all.push({ type: "aws:s3/bucket:Bucket", name: "reports", props: { acl: "public-read" }, protect: true }),
  },
  "open-security-group": {
    "an open security group": (all) =>
      (all.props("DefaultSecurityGroup network-closed").ingress = [{ fromPort: 22, cidrBlocks: ["0.0.0.0/0"] }]),
  },
  "open-api-server": {
    "an API for all addresses": (all) => delete all.props("Cluster cluster").vpcConfig.publicAccessCidrs,
  },
  "resource-count": {
    "twice as many resources": ({ all }) => all.push(...all.map((each) => ({ ...each, urn: `${each.urn}-again` }))),
  },
  "kubernetes-name": {
    "a name of 64 characters": (all) => (all.props("Service web").metadata.name = "w".repeat(64)),
  },
  "aws-name": {
    "a name of 101 characters": (all) => (all.props("Cluster cluster").name = "c".repeat(101)),
  },
};

/** Changes of test, which has the registry. */
const inTest: Changes = {
  "images-kept": {
    "no protection of the registry": (all) => (all.one("Repository registry").protect = false),
    "releases that can be moved": (all) => (all.props("Repository registry").imageTagMutability = "MUTABLE"),
  },
  "iam-wildcard": {
    "images for everybody": (all) => all.changeStatement("RepositoryPolicy registry", "policy", { Principal: "*" }),
  },
};

describe("The policy pack", () => {
  for (const { stack } of files)
    it(`accepts ${stack}`, async () => {
      const resources = toTestResources(await rendered(stack));
      for (const rule of rules) assert.deepEqual(await violations(rule, resources), [], rule.name);
    });

  it("is tested, rule by rule, with changes of committed environments", () => {
    const tested = new Set([inProd, inTest].flatMap((changes) => Object.keys(changes)));
    const names = rules.map(({ name }) => name);
    assert.deepEqual([...tested].sort(), names.sort());
  });

  for (const [stack, changes] of Object.entries({ prod: inProd, test: inTest }))
    for (const [rule, examples] of Object.entries(changes))
      for (const [what, change] of Object.entries(examples))
        it(`refuses ${what} in ${stack} only by ${rule}`, async () => {
          const environment = new Environment(toTestResources(await rendered(stack)));
          change(environment);
          assert.deepEqual(await violatedRules([...rules], environment.all), [rule]);
        });
});
