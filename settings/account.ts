import { type Eks, eks } from "./aws.ts";
import { ecrAddress, regionPattern } from "./ecr-address.ts";
import type { Problem } from "./problems.ts";
import type { Settings } from "./schema.ts";
import { claimsOf, ownersOf } from "./volumes.ts";
import { classAnnotation } from "./web.ts";

/** The AWS account of a stack: the one that its settings name, never the one that the credentials happen to be for. */
export interface Account {
  /** Twelve digits. */
  readonly id: string;
  /** The setting that names it. */
  readonly setting: string;
  readonly region: string;
  /** Who is responsible for the resources there. */
  readonly owner: string;
}

/**
 * Finds the account that the settings name, and settings of AWS that conflict with others.
 *
 * @param region the setting `aws:region`
 * @returns no account if the stack uses nothing of AWS, or if there are problems
 */
export function accountOf(
  settings: Pick<Settings, "release" | "cluster" | "web" | "processes" | "accessories" | "ecr" | "owner">,
  region: string | undefined,
): { account?: Account; problems: Problem[] } {
  const { release, ecr, owner, cluster, web, processes } = settings;
  const { eks } = cluster;
  if (!ecr && !eks) return { problems: [] };
  const address = ecr && ecrAddress(release.repository);
  const problems = eks ? clusterProblems(eks, web, processes) : [];
  const conflict = (setting: string, allowed: string, value?: string) =>
    problems.push({ setting, allowed, value: value && JSON.stringify(value) });
  if (!region || !regionPattern.test(region)) conflict("aws:region", "an AWS region, as in eu-north-1", region);
  if (!owner) conflict("slipway:owner", "who is responsible for the resources in AWS, as in team-noticeboard");
  if (ecr && !address)
    conflict(
      "slipway:release.repository",
      "an address in Amazon ECR (there is a slipway:ecr), as in 111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/app",
      release.repository,
    );
  if (address && region && address.region !== region)
    conflict(
      "aws:region",
      `${address.region}, the region of slipway:release.repository, which this stack owns`,
      region,
    );
  if (address && eks && address.account !== eks.account)
    conflict("slipway:cluster.eks.account", `${address.account}, as in slipway:release.repository`, eks.account);
  for (const { setting, access, storageClass } of eks && !eks.existing ? claimsOf(ownersOf(settings)) : [])
    if (access === "ReadWriteMany" && !storageClass)
      conflict(
        `${setting}.storageClass`,
        "a class for many writers, as one of Amazon EFS; the cluster's own class is for one",
      );
  const id = eks?.account ?? address?.account;
  if (problems.length > 0 || !id || !region || !owner) return { problems };
  const setting = eks ? "slipway:cluster.eks.account" : "slipway:release.repository";
  return { account: { id, setting, region, owner }, problems };
}

function clusterProblems(settings: Eks, web: Settings["web"], processes: Settings["processes"]): Problem[] {
  const { existing, domain, admins, account } = settings;
  const at = (key: string) => `slipway:cluster.eks.${key}`;
  const problems: Problem[] = [];
  // Settings of a cluster to create would have no effect, though a reader would expect one.
  const defaults: Readonly<Record<string, unknown>> = eks.parse({ account, existing });
  for (const [key, value] of existing ? Object.entries(settings) : [])
    if (JSON.stringify(value) !== JSON.stringify(defaults[key]))
      problems.push({ setting: at(key), allowed: `nothing, if ${at("existing")} is set` });
  if (!existing && admins.length === 0)
    problems.push({
      setting: at("admins"),
      allowed: `the roles that deploy, as in [arn:aws:iam::${account}:role/slipway-deploy]`,
    });
  if (domain && !(web.host === domain || web.host?.endsWith(`.${domain}`)))
    problems.push({
      setting: "slipway:web.host",
      allowed: `a name in ${domain}, which ${at("domain")} names`,
      value: web.host && JSON.stringify(web.host),
    });
  // The load balancer has one host, one certificate and one DNS record.
  for (const [name, { host }] of Object.entries(processes))
    if (domain && host)
      problems.push({
        setting: `slipway:processes.${name}.host`,
        allowed: `nothing, if ${at("domain")} is set: give it a path under slipway:web.host`,
      });
  if (domain && web.tls) problems.push({ setting: "slipway:web.tls", allowed: `nothing, if ${at("domain")} is set` });
  if (domain && Object.hasOwn(web.ingressAnnotations ?? {}, classAnnotation))
    problems.push({
      setting: `slipway:web.ingressAnnotations["${classAnnotation}"]`,
      allowed: `nothing, if ${at("domain")} is set`,
    });
  return problems;
}
