import * as pulumi from "@pulumi/pulumi";
import type { Account, Eks } from "../../settings/aws.ts";
import { ecrAddress } from "../../settings/ecr-address.ts";
import type { Settings } from "../../settings/schema.ts";
import { type OpenAccount, openAccount, tagsFor } from "./account.ts";
import { Cluster } from "./cluster.ts";
import { Edge } from "./edge.ts";
import { type ClusterAccess, kubeconfigFor } from "./kubeconfig.ts";
import { Network } from "./network.ts";
import { Nodes } from "./nodes.ts";
import { checkPremises, findCluster, type Premises } from "./preconditions.ts";
import { digestInEcr, Registry } from "./registry.ts";
import { Storage, volumeTag } from "./storage.ts";

/** What a stack has of AWS. Nothing is made before it is asked for, so that all checks can come first. */
export interface Aws {
  /** What a tag of the image's repository points to; undefined where that is not in Amazon ECR. */
  readonly lookUp?: (tag: string) => Promise<string>;
  /** Makes the image's repository, where the settings say that this stack owns it. */
  registry(): Registry | undefined;
  /** Makes the cluster, or finds it; undefined where the settings name a context. */
  cluster(): ClusterAccess | undefined;
  /** Makes what a cluster of our own has of storage and a way in. @param kubernetes provider for that cluster */
  furnish(kubernetes: pulumi.ProviderResource): Furnishings;
}

/** What the application finds in its cluster; all of it undefined in one that somebody else made. */
export interface Furnishings {
  /** What its volumes are of; claims have to wait for it. */
  readonly storage?: Storage;
  readonly edge?: Edge;
  /** Where the data stays when the stack is destroyed, and how it is listed. */
  readonly volumes?: { readonly account: string; readonly region: string; readonly list: string };
}

type Wanted = Pick<Settings, "release" | "ecr" | "cluster" | "web" | "database">;

/**
 * Enters the account that the settings name: loaded by stacks alone that have one.
 *
 * @throws pulumi.RunError where the credentials are of another account, or it lacks what the settings ask of it
 */
export async function inAccount(named: Account, settings: Wanted): Promise<Aws> {
  const account = await openAccount(named);
  const { provider } = account;
  const address = ecrAddress(settings.release.repository);
  const registry = {
    lookUp: address && ((tag: string) => digestInEcr(address, tag, { provider })),
    registry: () =>
      settings.ecr && address ? new Registry("registry", { address, ...settings.ecr }, { provider }) : undefined,
  };
  const { eks } = settings.cluster;
  if (!eks) return { ...registry, cluster: () => undefined, furnish: () => ({}) };
  if (eks.existing) {
    const access = accessTo(await findCluster(eks.existing, account), account.region);
    return { ...registry, cluster: () => access, furnish: () => ({}) };
  }
  const premises = await checkPremises(eks, account);
  return { ...registry, ...ownCluster(premises, eks, account, settings) };
}

function accessTo(found: Awaited<ReturnType<typeof findCluster>>, region: string): ClusterAccess {
  const { arn, name, endpoint, certificateAuthorities, kubernetesNetworkConfigs } = found;
  const certificate = certificateAuthorities[0]?.data ?? "";
  const services = kubernetesNetworkConfigs[0]?.serviceIpv4Cidr ?? "172.20.0.0/16";
  return {
    kubeconfig: kubeconfigFor({ name, endpoint, certificate }, region),
    clusterIdentifier: pulumi.output(arn),
    // By convention the tenth address of the Services is the one that answers for names.
    dns: pulumi.output(services.replace(/\d+\/\d+$/, "10")),
    dependsOn: [],
  };
}

/** A cluster that this stack makes, with its network, storage and way in. */
function ownCluster(
  { name, zones, zoneId }: Premises,
  eks: Eks,
  account: OpenAccount,
  { web, database }: Wanted,
): Pick<Aws, "cluster" | "furnish"> {
  const { id, region, provider } = account;
  const tags = tagsFor(account.owner);
  const protect = database?.protect;
  const { cidr, natGateways, version, admins, accessFrom, snapshots, instanceTypes } = eks;
  const make = () => {
    const network = new Network("network", { region, cidr, zones, natGateways, protect }, { provider });
    const { privateSubnets: subnets } = network;
    const args = { name, region, account: id, version, subnets, admins, accessFrom, protect };
    return { subnets, cluster: new Cluster("cluster", args, { provider }) };
  };
  let made: ReturnType<typeof make> | undefined;
  return {
    cluster() {
      made = make();
      return made.cluster;
    },
    furnish(kubernetes) {
      const { subnets, cluster } = made ?? make();
      const nodes = { ...cluster.nodes, cluster: name, subnets, tags, instanceTypes, kubernetes };
      new Nodes("nodes", nodes, { provider });
      const storage = new Storage("storage", { cluster: name, account: id, tags, snapshots, kubernetes }, { provider });
      const healthPath = web.probes.ready;
      const edge =
        web.host && zoneId
          ? new Edge("edge", { host: web.host, zoneId, healthPath, tags, kubernetes }, { provider })
          : undefined;
      const filter = `--region ${region} --filters Name=tag:${volumeTag},Values=${name}`;
      const list = `aws ec2 describe-volumes ${filter}; aws ec2 describe-snapshots --owner-ids ${id} ${filter}`;
      return { storage, edge, volumes: { account: id, region, list } };
    },
  };
}
