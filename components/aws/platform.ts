import * as pulumi from "@pulumi/pulumi";
import { connect } from "../../cluster/provider.ts";
import type { Account } from "../../settings/account.ts";
import type { Eks } from "../../settings/aws.ts";
import { ecrAddress } from "../../settings/ecr-address.ts";
import type { Settings } from "../../settings/schema.ts";
import type { Platform } from "../platform.ts";
import { loadBalancerPath } from "../pods/probes.ts";
import { type OpenAccount, openAccount, tagsFor } from "./account.ts";
import { Cluster } from "./cluster.ts";
import { Edge } from "./edge.ts";
import { type ClusterAccess, dnsAddress, kubeconfigFor } from "./kubeconfig.ts";
import { Network } from "./network.ts";
import { Nodes } from "./nodes.ts";
import { type ClusterPlan, findCluster, planCluster } from "./plan-cluster.ts";
import { digestInEcr, Registry } from "./registry.ts";
import { Storage, volumeTag } from "./storage.ts";

type AwsSettings = Pick<Settings, "release" | "ecr" | "cluster" | "web" | "database">;

/**
 * Methods of a platform for repositories in Amazon ECR and clusters in EKS. Checks the account, and creates nothing yet.
 *
 * @throws UserError if the credentials are for another account, or the account does not allow what the settings describe
 */
export async function platformInAws(named: Account, settings: AwsSettings): Promise<Partial<Platform>> {
  const account = await openAccount(named);
  const { provider } = account;
  const address = ecrAddress(settings.release.repository);
  const repository: Partial<Platform> = {
    lookUp: address && ((tag: string) => digestInEcr(address, tag, { provider })),
    createRepository: () =>
      settings.ecr && address ? new Registry("registry", { address, ...settings.ecr }, { provider }).login : undefined,
  };
  const { eks } = settings.cluster;
  if (!eks) return repository;
  if (eks.existing) {
    const access = accessTo(await findCluster(eks.existing, account), account.region);
    return { ...repository, connect: () => connect(access), equip: () => ({ dns: [access.dns] }) };
  }
  return { ...repository, ...ownCluster(await planCluster(eks, account), eks, account, settings) };
}

function accessTo(cluster: Awaited<ReturnType<typeof findCluster>>, region: string): ClusterAccess {
  const { arn, name, endpoint, certificateAuthorities, kubernetesNetworkConfigs } = cluster;
  const certificate = certificateAuthorities[0]?.data ?? "";
  const serviceCidr = kubernetesNetworkConfigs[0]?.serviceIpv4Cidr ?? "172.20.0.0/16";
  return {
    kubeconfig: kubeconfigFor({ name, endpoint, certificate }, region),
    clusterIdentifier: pulumi.output(arn),
    dns: pulumi.output(dnsAddress(serviceCidr)),
    dependsOn: [],
  };
}

/** Methods of a platform that creates its cluster, with network, storage and load balancing. */
function ownCluster(
  { name, zones, zoneId }: ClusterPlan,
  eks: Eks,
  account: OpenAccount,
  { web, database }: AwsSettings,
): Pick<Platform, "connect" | "equip"> {
  const { id, region, provider } = account;
  const tags = tagsFor(account.owner);
  const protect = database?.protect;
  const { cidr, natGateways, version, admins, accessFrom, snapshots, instanceTypes } = eks;
  let created: { readonly subnets: Network["privateSubnets"]; readonly cluster: Cluster } | undefined;
  return {
    connect() {
      const network = new Network("network", { region, cidr, zones, natGateways, protect }, { provider });
      const { privateSubnets: subnets } = network;
      const args = { name, region, account: id, version, subnets, admins, accessFrom, protect };
      created = { subnets, cluster: new Cluster("cluster", args, { provider }) };
      return connect(created.cluster);
    },
    equip(kubernetes) {
      if (!created) throw new Error("equip() needs connect() first");
      const { subnets, cluster } = created;
      const nodes = { ...cluster.nodes, cluster: name, subnets, tags, instanceTypes, kubernetes };
      new Nodes("nodes", nodes, { provider });
      const storage = new Storage("storage", { cluster: name, account: id, tags, snapshots, kubernetes }, { provider });
      const healthPath = loadBalancerPath(web.probes);
      const edge =
        web.host && zoneId
          ? new Edge("edge", { host: web.host, zoneId, healthPath, tags, kubernetes }, { provider })
          : undefined;
      const filter = `--region ${region} --filters Name=tag:${volumeTag},Values=${name}`;
      const list = `aws ec2 describe-volumes ${filter}; aws ec2 describe-snapshots --owner-ids ${id} ${filter}`;
      return {
        dns: [cluster.dns],
        storage,
        storageClass: storage.className,
        volumes: { account: id, region, list },
        namespaceLabels: edge?.namespaceLabels,
        ingressClass: edge?.ingressClass,
        ingressAnnotations: edge?.annotations,
        drainSeconds: edge?.drainSeconds,
        pointHostTo: edge && ((loadBalancer) => edge.pointTo(loadBalancer)),
      };
    },
  };
}
