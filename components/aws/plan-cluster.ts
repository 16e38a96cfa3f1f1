import { getInstanceTypeOfferings } from "@pulumi/aws/ec2/getInstanceTypeOfferings.js";
import * as eks from "@pulumi/aws/eks/index.js";
import { getAvailabilityZones } from "@pulumi/aws/getAvailabilityZones.js";
import { getPolicy } from "@pulumi/aws/iam/getPolicy.js";
import { getZone } from "@pulumi/aws/route53/getZone.js";
import * as pulumi from "@pulumi/pulumi";
import type { Eks } from "../../settings/aws.ts";
import { UserError } from "../../settings/user-error.ts";
import type { OpenAccount } from "./account.ts";
import { clusterName } from "./cluster-name.ts";
import { tagsPolicy } from "./roles.ts";

/** Name and place of a cluster that this stack creates. */
export interface ClusterPlan {
  readonly name: string;
  readonly zones: readonly string[];
  /** Id of the hosted zone. @default none, without a domain */
  readonly zoneId?: string;
}

/**
 * Checks, before anything is changed, that the account allows the cluster that the settings describe.
 *
 * @throws UserError if the deploying role would have no access, the account was not prepared, a zone or an instance type is
 *   not available, the name belongs to another cluster, or the domain has no hosted zone
 */
export async function planCluster(settings: Eks, account: OpenAccount): Promise<ClusterPlan> {
  const { provider, region } = account;
  const name = clusterName(settings, pulumi.getProject(), pulumi.getStack());
  const zones = settings.zones ?? ["a", "b", "c"].map((letter) => `${region}${letter}`);
  if (!settings.admins.some((admin) => isSame(admin, account.caller))) throw new UserError(lockedOut(account));
  await getPolicy({ arn: tagsPolicy(account.id) }, { provider }).catch((error: Error) => {
    throw new UserError(notPrepared(account, error));
  });
  const { names } = await getAvailabilityZones({ state: "available", excludeZoneIds }, { provider });
  const missing = zones.filter((zone) => !names.includes(zone));
  if (missing.length > 0) throw new UserError(noZones(account, missing, names));
  const absent = await absentTypes(settings.instanceTypes, zones, account);
  if (absent.length > 0) throw new UserError(noTypes(account, absent, zones));
  if (await isTaken(name, account)) throw new UserError(taken(account, name));
  const { domain } = settings;
  if (!domain) return { name, zones };
  const zone = await getZone({ name: domain }, { provider }).catch((error: Error) => {
    throw new UserError(noHostedZone(account, domain, error));
  });
  return { name, zones, zoneId: zone.zoneId };
}

/** Finds an existing cluster. @throws UserError if there is none of that name */
export async function findCluster(name: string, account: OpenAccount): Promise<eks.GetClusterResult> {
  const { provider } = account;
  return eks.getCluster({ name }, { provider }).catch(async (error: Error) => {
    const { names = [] } = await eks.getClusters({}, { provider }).catch(() => ({ names: [] }));
    throw new UserError(
      `slipway:cluster.eks.existing is ${name}, which ${where(account)} does not show; nothing was changed.\n` +
        `  It says:              ${firstLine(error)}\n` +
        `  Clusters there:       ${names.join(", ") || "none"}\n` +
        `  Name one of those:    ${set("existing", "NAME")}\n` +
        `  or have one made:     pulumi config rm --stack ${pulumi.getStack()} --path slipway:cluster.eks.existing\n`,
    );
  });
}

/** Zones that cannot host a control plane: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
const excludeZoneIds = ["use1-az3", "usw1-az2", "cac1-az3"];

/** Compares an admin with the caller. The ARN of an assumed role lacks the role's path. */
function isSame(admin: string, caller: string): boolean {
  const [, account, role] = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\//.exec(caller) ?? [];
  if (!account) return admin === caller;
  return admin.startsWith(`arn:aws:iam::${account}:role/`) && admin.split("/").at(-1) === role;
}

/** Lists instance types that a zone lacks. A volume stays in its zone, and its pod with it, so each zone needs every type. */
async function absentTypes(
  types: readonly string[],
  zones: readonly string[],
  account: OpenAccount,
): Promise<string[]> {
  const { provider } = account;
  if (types.length === 0) return [];
  const filters = [
    { name: "instance-type", values: [...types] },
    { name: "location", values: [...zones] },
  ];
  // If no zone has any of the types, the plugin may fail.
  const offered = await getInstanceTypeOfferings({ locationType: "availability-zone", filters }, { provider }).catch(
    (error: Error) => {
      throw new UserError(noTypes(account, types, zones, error));
    },
  );
  const zonesOf = (type: string) => offered.locations.filter((_, index) => offered.instanceTypes[index] === type);
  return types.filter((type) => zones.some((zone) => !zonesOf(type).includes(zone)));
}

/** Looks for a cluster of that name without this stack's tags. */
async function isTaken(name: string, { provider }: OpenAccount): Promise<boolean> {
  const { names } = await eks.getClusters({}, { provider });
  if (!names.includes(name)) return false;
  const { tags } = await eks.getCluster({ name }, { provider });
  return tags.Project !== pulumi.getProject() || tags.Environment !== pulumi.getStack();
}

const where = ({ id, region }: OpenAccount): string => `account ${id}, region ${region},`;
const firstLine = ({ message }: Error): string => message.trim().split("\n")[0] ?? "";
const set = (key: string, value: string): string =>
  `pulumi config set --stack ${pulumi.getStack()} --path 'slipway:cluster.eks.${key}' ${value}`;

const lockedOut = ({ caller }: OpenAccount): string =>
  `slipway:cluster.eks.admins does not name who deploys, ${caller}, who would lock themselves out; nothing was changed.\n` +
  "  Deploy with a role that it names, or add the ARN of this one (arn:aws:iam::ACCOUNT:role/NAME) in " +
  `Pulumi.${pulumi.getStack()}.yaml\n`;

const notPrepared = ({ id, region }: OpenAccount, error: Error): string =>
  `slipway:cluster.eks.account is ${id}, which has not been prepared: its policy cluster-tags is missing; nothing was changed.\n` +
  `  It says:    ${firstLine(error)}\n` +
  `  Prepare it: aws cloudformation deploy --region ${region} --stack-name slipway-deploy-role --template-file ` +
  "cloud/deploy-role.yaml … (docs/aws.md)\n";

const noZones = (account: OpenAccount, missing: readonly string[], names: readonly string[]): string =>
  `slipway:cluster.eks.zones has ${missing.join(", ")}, which ${where(account)} does not have; nothing was changed.\n` +
  `  It has:           ${names.join(", ")}\n` +
  `  Name three of it: ${set("zones[0]", names[0] ?? "ZONE")} (and zones[1], zones[2]; default: a, b and c of aws:region)\n`;

const noTypes = (account: OpenAccount, absent: readonly string[], zones: readonly string[], error?: Error): string =>
  `slipway:cluster.eks.instanceTypes has ${absent.join(", ")}, which not all of ${zones.join(", ")} have; nothing was changed.\n` +
  (error ? `  It says:            ${firstLine(error)}\n` : "") +
  `  See what they have: aws ec2 describe-instance-type-offerings --region ${account.region} --location-type availability-zone\n` +
  `  or leave it to AWS: pulumi config rm --stack ${pulumi.getStack()} --path slipway:cluster.eks.instanceTypes\n`;

const taken = (account: OpenAccount, name: string): string =>
  `slipway:cluster.eks.name is ${name}, which ${where(account)} has already, made by somebody else; nothing was changed.\n` +
  `  Choose another:   ${set("name", "NAME")}\n` +
  `  or use that one:  ${set("existing", name)}, and remove what describes a new one\n`;

const noHostedZone = (account: OpenAccount, domain: string, error: Error): string =>
  `slipway:cluster.eks.domain is ${domain}, for which account ${account.id} shows no hosted zone; nothing was changed.\n` +
  `  It says:       ${firstLine(error)}\n` +
  `  Make one:      aws route53 create-hosted-zone --name ${domain} --caller-reference first\n` +
  `  or do without: pulumi config rm --stack ${pulumi.getStack()} --path slipway:cluster.eks.domain\n`;
