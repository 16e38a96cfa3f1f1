import assert from "node:assert/strict";
import { rules } from "../../policy/rules.ts";
import { rendered } from "../review/committed.ts";
import { broken, type Judged, judged } from "./judge.ts";

// biome-ignore lint/suspicious/noExplicitAny: resources of any kind, changed at a place that each mutation knows
type Anything = any;

/** A change of an environment's own resources, and the one rule that has to say no to it. */
type Mutation = readonly [
  rule: (typeof rules)[number]["name"],
  what: string,
  change: (all: Found) => void,
  stack?: string,
];

/** An environment's resources, found by kind and name. */
class Found {
  readonly all: Judged[];

  constructor(all: Judged[]) {
    this.all = all;
  }

  one(title: string): Anything {
    const [kind, name] = title.split(" ");
    const found = this.all.filter((each) => each.type.split(":").at(-1) === kind && each.name === name);
    assert.equal(found.length, 1, title);
    return found[0];
  }

  pod = (title: string): Anything => {
    const { spec } = this.one(title).props;
    return (spec.jobTemplate?.spec ?? spec).template.spec;
  };

  container = (title: string): Anything => this.pod(title).containers[0];
}

const digest = `sha256:${"e".repeat(64)}`;
const web = "Deployment web";
const server = "StatefulSet database";
const policyOf = (resource: Anything, field: string, change: (statement: Anything) => void) => {
  const document = JSON.parse(resource.props[field]);
  change(document.Statement[0]);
  resource.props[field] = JSON.stringify(document);
};

const mutations: readonly Mutation[] = [
  [
    "image-by-digest",
    "the application by its tag",
    (all) => {
      all.container(web).image = all.container(web).image.replace(/@.*/, ":v1.1");
    },
  ],
  [
    "image-by-digest",
    "the migration by its tag",
    (all) => {
      all.container("Job web-migration").image = "111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/noticeboard:v1.1";
    },
  ],
  [
    "image-by-digest",
    "a database of no version",
    (all) => {
      all.container(server).image = "postgres:latest";
    },
  ],
  [
    "image-by-digest",
    "a backup of no version",
    (all) => {
      all.container("CronJob database-backups").image = "postgres";
    },
  ],
  [
    "image-registry",
    "a database from elsewhere",
    (all) => {
      all.container(server).image = `ghcr.io/somebody/postgres:17@${digest}`;
    },
  ],
  [
    "image-registry",
    "somebody's image of Docker Hub",
    (all) => {
      all.container(web).image = `somebody/noticeboard@${digest}`;
    },
  ],
  ...(["hostNetwork", "hostPID", "hostIPC"] as const).map(
    (field): Mutation => [
      "pod-restricted",
      field,
      (all) => {
        all.pod(web)[field] = true;
      },
    ],
  ),
  [
    "pod-restricted",
    "a folder of the node",
    (all) => {
      all.pod("CronJob database-backups").volumes.push({ name: "host", hostPath: { path: "/" } });
    },
  ],
  [
    "pod-restricted",
    "no seccomp",
    (all) => {
      delete all.pod(server).securityContext.seccompProfile;
    },
  ],
  [
    "pod-restricted",
    "seccomp that holds nothing",
    (all) => {
      all.pod(server).securityContext.seccompProfile.type = "Unconfined";
    },
  ],
  [
    "pod-restricted",
    "a pod that may be root",
    (all) => {
      delete all.pod("Job database-login-open").securityContext.runAsNonRoot;
    },
  ],
  [
    "pod-restricted",
    "a container that may be root",
    (all) => {
      all.container(web).securityContext.runAsNonRoot = false;
    },
  ],
  [
    "pod-restricted",
    "root by its number",
    (all) => {
      all.container(web).securityContext.runAsUser = 0;
    },
  ],
  [
    "pod-restricted",
    "kept capabilities",
    (all) => {
      delete all.container(web).securityContext.capabilities;
    },
  ],
  [
    "pod-restricted",
    "an added capability",
    (all) => {
      all.container(web).securityContext.capabilities.add = ["NET_ADMIN"];
    },
  ],
  [
    "pod-restricted",
    "a way to privileges",
    (all) => {
      delete all.container(server).securityContext.allowPrivilegeEscalation;
    },
  ],
  [
    "pod-restricted",
    "a privileged container",
    (all) => {
      all.container(server).securityContext.privileged = true;
    },
  ],
  [
    "pod-restricted",
    "a port of the node",
    (all) => {
      all.container(web).ports[0].hostPort = 80;
    },
  ],
  [
    "pod-restricted",
    "an init container without any of it",
    (all) => {
      const { resources, image } = all.container(web);
      all.pod(web).initContainers = [
        { name: "first", image, resources, securityContext: { readOnlyRootFilesystem: true } },
      ];
    },
  ],
  [
    "pod-read-only",
    "a root filesystem that can be written to",
    (all) => {
      all.container("Job web-migration").securityContext.readOnlyRootFilesystem = false;
    },
  ],
  [
    "pod-without-token",
    "the token of a service account",
    (all) => {
      delete all.pod(server).automountServiceAccountToken;
    },
  ],
  [
    "namespace-restricted",
    "a namespace that admits all pods",
    (all) => {
      delete all.one("Namespace app").props.metadata.labels["pod-security.kubernetes.io/enforce"];
    },
  ],
  [
    "namespace-restricted",
    "a namespace that admits more",
    (all) => {
      all.one("Namespace app").props.metadata.labels["pod-security.kubernetes.io/enforce"] = "baseline";
    },
  ],
  [
    "plain-secret",
    "the database's password as a value",
    (all) => {
      const variable = all.container(web).env.find(({ name }: Anything) => name === "PGPASSWORD");
      variable.valueFrom = undefined;
      variable.value = "hunter2";
    },
  ],
  [
    "plain-secret",
    "an address with a password",
    (all) => {
      all.container(web).env.push({ name: "BROKER", value: "amqp://app:hunter2@queue:5672" });
    },
  ],
  [
    "plain-secret",
    "a key in a ConfigMap",
    (all) => {
      all.one("ConfigMap web-release").props.data["tls.key"] = "-----BEGIN PRIVATE KEY-----\nMIIE";
    },
  ],
  [
    "container-probes",
    "no readiness probe",
    (all) => {
      delete all.container(web).readinessProbe;
    },
  ],
  [
    "container-probes",
    "no liveness probe",
    (all) => {
      delete all.container(server).livenessProbe;
    },
  ],
  ...(["requests", "limits"] as const).flatMap((part) =>
    ["cpu", "memory"].map(
      (what): Mutation => [
        "container-resources",
        `no ${part} of ${what}`,
        (all) => {
          delete all.container("CronJob database-backups").resources[part][what];
        },
      ],
    ),
  ),
  [
    "public-load-balancer",
    "a load balancer of the application's own",
    (all) => {
      all.one("Service web").props.spec.type = "LoadBalancer";
    },
  ],
  [
    "public-load-balancer",
    "an ingress in the clear",
    (all) => {
      delete all.one("Ingress web").props.spec.tls;
    },
  ],
  [
    "public-load-balancer",
    "an ingress for every host",
    (all) => {
      delete all.one("Ingress web").props.spec.rules[0].host;
    },
  ],
  [
    "public-load-balancer",
    "a way in that no setting asked for",
    (all) => {
      const parameters = all.one("IngressClassParams edge-parameters");
      parameters.urn = parameters.urn.replace("slipway:index:Edge$", "");
    },
  ],
  ...[
    "PersistentVolumeClaim database-data",
    "PersistentVolumeClaim database-backups-data",
    "Namespace app",
    "Key cluster-secrets",
    "Cluster cluster",
    "Vpc network",
  ].map(
    (title): Mutation => [
      "data-protected",
      `an unprotected ${title}`,
      (all) => {
        all.one(title).protect = false;
      },
    ],
  ),
  [
    "images-kept",
    "a registry that can be deleted",
    (all) => {
      all.one("Repository registry").protect = false;
    },
    "test",
  ],
  [
    "images-kept",
    "a registry that is deleted with its images",
    (all) => {
      all.one("Repository registry").props.forceDelete = true;
    },
    "test",
  ],
  [
    "images-kept",
    "releases that can be moved",
    (all) => {
      all.one("Repository registry").props.imageTagMutability = "MUTABLE";
    },
    "test",
  ],
  [
    "volumes-kept",
    "volumes that go with their claims",
    (all) => {
      all.one("StorageClass storage-gp3").props.reclaimPolicy = "Delete";
    },
  ],
  [
    "volumes-kept",
    "volumes in the clear",
    (all) => {
      delete all.one("StorageClass storage-gp3").props.parameters.encrypted;
    },
  ],
  [
    "iam-wildcard",
    "images for everybody",
    (all) => {
      policyOf(all.one("RepositoryPolicy registry"), "policy", (statement) => {
        statement.Principal = "*";
      });
    },
    "test",
  ],
  [
    "iam-wildcard",
    "every action on images",
    (all) => {
      policyOf(all.one("RepositoryPolicy registry"), "policy", (statement) => {
        statement.Action = "ecr:*";
      });
    },
    "test",
  ],
  [
    "iam-wildcard",
    "a role for everybody",
    (all) => {
      policyOf(all.one("Role cluster-nodes"), "assumeRolePolicy", (statement) => {
        statement.Principal = { AWS: "*" };
      });
    },
  ],
  [
    "iam-wildcard",
    "a key for everybody",
    (all) => {
      policyOf(all.one("Key cluster-secrets"), "policy", (statement) => {
        statement.Principal = { AWS: "*" };
      });
    },
  ],
  [
    "iam-wildcard",
    "an administrator for a node",
    (all) => {
      all.one("RolePolicyAttachment cluster-nodes-AmazonEKSWorkerNodeMinimalPolicy").props.policyArn =
        "arn:aws:iam::aws:policy/AdministratorAccess";
    },
  ],
  [
    "public-bucket",
    "a bucket that everybody reads",
    ({ all }) => {
      all.push({ type: "aws:s3/bucket:Bucket", name: "reports", props: { acl: "public-read" }, protect: true });
    },
  ],
  [
    "open-security-group",
    "a security group that lets everybody in",
    (all) => {
      const rule = { fromPort: 22, toPort: 22, protocol: "tcp", cidrBlocks: ["0.0.0.0/0"] };
      all.one("DefaultSecurityGroup network-closed").props.ingress = [rule];
    },
  ],
  [
    "open-api-server",
    "an API for everybody",
    (all) => {
      all.one("Cluster cluster").props.vpcConfig.publicAccessCidrs = ["0.0.0.0/0"];
    },
  ],
  [
    "open-api-server",
    "an API with no word of who may reach it",
    (all) => {
      delete all.one("Cluster cluster").props.vpcConfig.publicAccessCidrs;
    },
  ],
  [
    "resource-count",
    "twice as many resources",
    ({ all }) => {
      all.push(...all.map((each) => ({ ...each, urn: `${each.urn}-again` })));
    },
  ],
  [
    "kubernetes-name",
    "a name of 64 characters",
    (all) => {
      all.one("Service web").props.metadata.name = "w".repeat(64);
    },
  ],
  [
    "kubernetes-name",
    "a label of 64 characters",
    (all) => {
      all.one("Service web").props.metadata.labels["app.kubernetes.io/name"] = "w".repeat(64);
    },
  ],
  [
    "kubernetes-name",
    "a CronJob whose Jobs could not be named",
    (all) => {
      all.one("CronJob database-backups").props.metadata.name = "b".repeat(53);
    },
  ],
  [
    "aws-name",
    "a cluster of 101 characters",
    (all) => {
      all.one("Cluster cluster").props.name = "c".repeat(101);
    },
  ],
  [
    "aws-name",
    "a tag of 257 characters",
    (all) => {
      all.one("Vpc network").props.tags.Name = "v".repeat(257);
    },
  ],
];

describe("A change of an environment", () => {
  for (const [rule, what, change, stack = "prod"] of mutations)
    it(`to ${what} is refused by ${rule}, and by no other rule`, async () => {
      const resources = new Found(judged(await rendered(stack)));
      change(resources);
      assert.deepEqual(await broken([...rules], resources.all), [rule]);
    });

  it("is tried for every rule", () => {
    const tried = new Set<string>(mutations.map(([rule]) => rule));
    assert.deepEqual(
      rules.map(({ name }) => name).filter((name) => !tried.has(name)),
      [],
    );
  });
});
