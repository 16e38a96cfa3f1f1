import type { Anything, Changes } from "./broken-environments.ts";

/** Changes the first statement of a policy. */
const policyOf = (resource: Anything, field: string, change: (statement: Anything) => void) => {
  const document = JSON.parse(resource.props[field]);
  change(document.Statement[0]);
  resource.props[field] = JSON.stringify(document);
};

/** What is done to the rest of prod, which has most. */
export const toProd: Changes = {
  "public-load-balancer": {
    "a load balancer of the application's own": (all) => (all.one("Service web").props.spec.type = "LoadBalancer"),
    "an ingress in the clear": (all) => delete all.one("Ingress web").props.spec.tls,
    "an ingress for every host": (all) => delete all.one("Ingress web").props.spec.rules[0].host,
    "a way in that no setting asked for": (all) => {
      const parameters = all.one("IngressClassParams edge-parameters");
      parameters.urn = parameters.urn.replace("slipway:index:Edge$", "");
    },
  },
  "data-protected": {
    "an unprotected PersistentVolumeClaim database-data": (all) =>
      (all.one("PersistentVolumeClaim database-data").protect = false),
    "an unprotected PersistentVolumeClaim database-backups-data": (all) =>
      (all.one("PersistentVolumeClaim database-backups-data").protect = false),
    "an unprotected Namespace app": (all) => (all.one("Namespace app").protect = false),
    "an unprotected Key cluster-secrets": (all) => (all.one("Key cluster-secrets").protect = false),
    "an unprotected Cluster cluster": (all) => (all.one("Cluster cluster").protect = false),
    "an unprotected Vpc network": (all) => (all.one("Vpc network").protect = false),
  },
  "volumes-kept": {
    "volumes that go with their claims": (all) => (all.one("StorageClass storage-gp3").props.reclaimPolicy = "Delete"),
    "volumes in the clear": (all) => delete all.one("StorageClass storage-gp3").props.parameters.encrypted,
  },
  "iam-wildcard": {
    "a role for everybody": (all) => {
      policyOf(all.one("Role cluster-nodes"), "assumeRolePolicy", (statement) => {
        statement.Principal = { AWS: "*" };
      });
    },
    "a key for everybody": (all) => {
      policyOf(all.one("Key cluster-secrets"), "policy", (statement) => {
        statement.Principal = { AWS: "*" };
      });
    },
    "an administrator for a node": (all) =>
      (all.one("RolePolicyAttachment cluster-nodes-AmazonEKSWorkerNodeMinimalPolicy").props.policyArn =
        "arn:aws:iam::aws:policy/AdministratorAccess"),
  },
  "public-bucket": {
    "a bucket that everybody reads": ({ all }) =>
      all.push({ type: "aws:s3/bucket:Bucket", name: "reports", props: { acl: "public-read" }, protect: true }),
  },
  "open-security-group": {
    "a security group that lets everybody in": (all) => {
      const rule = { fromPort: 22, toPort: 22, protocol: "tcp", cidrBlocks: ["0.0.0.0/0"] };
      all.one("DefaultSecurityGroup network-closed").props.ingress = [rule];
    },
  },
  "open-api-server": {
    "an API for everybody": (all) => (all.one("Cluster cluster").props.vpcConfig.publicAccessCidrs = ["0.0.0.0/0"]),
    "an API with no word of who may reach it": (all) =>
      delete all.one("Cluster cluster").props.vpcConfig.publicAccessCidrs,
  },
  "resource-count": {
    "twice as many resources": ({ all }) => all.push(...all.map((each) => ({ ...each, urn: `${each.urn}-again` }))),
  },
  "kubernetes-name": {
    "a name of 64 characters": (all) => (all.one("Service web").props.metadata.name = "w".repeat(64)),
    "a label of 64 characters": (all) =>
      (all.one("Service web").props.metadata.labels["app.kubernetes.io/name"] = "w".repeat(64)),
    "a CronJob whose Jobs could not be named": (all) =>
      (all.one("CronJob database-backups").props.metadata.name = "b".repeat(53)),
  },
  "aws-name": {
    "a cluster of 101 characters": (all) => (all.one("Cluster cluster").props.name = "c".repeat(101)),
    "a tag of 257 characters": (all) => (all.one("Vpc network").props.tags.Name = "v".repeat(257)),
  },
};

/** What is done to test, which has the registry. */
export const toTest: Changes = {
  "images-kept": {
    "a registry that can be deleted": (all) => (all.one("Repository registry").protect = false),
    "a registry that is deleted with its images": (all) => (all.one("Repository registry").props.forceDelete = true),
    "releases that can be moved": (all) => (all.one("Repository registry").props.imageTagMutability = "MUTABLE"),
  },
  "iam-wildcard": {
    "images for everybody": (all) => {
      policyOf(all.one("RepositoryPolicy registry"), "policy", (statement) => {
        statement.Principal = "*";
      });
    },
    "every action on images": (all) => {
      policyOf(all.one("RepositoryPolicy registry"), "policy", (statement) => {
        statement.Action = "ecr:*";
      });
    },
  },
};
