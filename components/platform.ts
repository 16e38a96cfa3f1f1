import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { connect } from "../cluster/provider.ts";
import type { Settings } from "../settings/load.ts";
import { isProtected, ownersOf, type Volumes } from "../settings/volumes.ts";
import { accessoryClientLabels } from "./accessory.ts";
import type { ReleaseArgs } from "./release.ts";
import type { WebAppArgs } from "./web.ts";

/** Platform of an environment. The program uses every platform through these methods, and never asks which one it is. */
export interface Platform {
  /** Looks up the digest of a tag in the image's repository. @default the registry is asked */
  readonly lookUp?: (tag: string) => Promise<string>;
  /** Creates the image's repository, if this stack owns it. @returns the login for a push, unless `docker login` stored it */
  createRepository(): ReleaseArgs["login"];
  /** Creates the cluster, or finds it. @param clusterIdentifier identity of an existing cluster @returns its provider */
  connect(clusterIdentifier: string): k8s.Provider;
  /** Creates nodes, storage and load balancing for a cluster that this stack owns. @param cluster its provider */
  equip(cluster: k8s.Provider): Facilities;
}

/** Facilities that an application can use in its cluster. All default to none, for a cluster that somebody else manages. */
export interface Facilities extends Pick<WebAppArgs, "drainSeconds" | "ingressClass" | "ingressAnnotations"> {
  /** IP addresses of DNS servers besides the pods of kube-system. */
  readonly dns?: readonly pulumi.Input<string>[];
  /** Storage class of the volumes. Claims have to depend on `storage`. */
  readonly storageClass?: string;
  /** Component that creates the storage class. */
  readonly storage?: pulumi.Resource;
  /** Labels of the application's namespace. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  /** Points the host name to a load balancer. */
  readonly pointHostTo?: (loadBalancer: pulumi.Input<string>) => void;
  /** Cloud volumes that outlive the stack, and the command that lists them. */
  readonly volumes?: { readonly account: string; readonly region: string; readonly list: string };
}

/** Chooses the platform that the settings name. Loads AWS only for stacks that use it. @throws UserError if its account is another one */
export async function platformOf(settings: Settings): Promise<Platform> {
  const existing: Platform = {
    createRepository: () => undefined,
    connect: (clusterIdentifier) => connect({ ...settings.cluster, clusterIdentifier }),
    equip: () => ({}),
  };
  if (!settings.account) return existing;
  const { platformInAws } = await import("./aws/platform.ts");
  return { ...existing, ...(await platformInAws(settings.account, settings)) };
}

/** Merges the settings with the platform's defaults into the arguments of the components. */
export function argumentsOf(settings: Settings, facilities: Facilities) {
  const { cluster, database, pullSecret, web } = settings;
  const protect = isProtected(database, ownersOf(settings));
  const kept = <T extends { readonly volumes?: Volumes }>({ volumes = {}, ...rest }: T) => ({
    ...rest,
    volumes: Object.fromEntries(
      Object.entries(volumes).map(([path, volume]) => {
        const storageClass = volume.storageClass ?? facilities.storageClass;
        return [path, volume.storage === undefined ? volume : { ...volume, storageClass, protect }];
      }),
    ),
  });
  const dns = [...(facilities.dns ?? []), ...cluster.dns];
  const password = settings.databasePassword ?? "";
  const accessories = Object.entries(settings.accessories);
  const storageClass = database?.storageClass ?? facilities.storageClass;
  const processes = Object.entries(settings.processes);
  const edge = {
    ingressClass: web.ingressClass ?? facilities.ingressClass,
    ingressAnnotations: { ...facilities.ingressAnnotations, ...web.ingressAnnotations },
  };
  return {
    namespace: {
      name: settings.namespace,
      protect,
      dns,
      labels: facilities.namespaceLabels,
      pullAs: pullSecret && { ...pullSecret, registry: pullSecret.registry ?? registryOf(settings.release.repository) },
    },
    database: database && { ...database, storageClass, password },
    external: settings.externalDatabase && { ...settings.externalDatabase, password, dns },
    backups: database?.backups && {
      storage: database.storage,
      ...database.backups,
      image: database.image,
      storageClass,
      protect,
    },
    web: {
      ...kept(web),
      secrets: settings.secrets,
      clientLabels: accessories.length > 0 ? accessoryClientLabels : undefined,
      drainSeconds: web.drainSeconds ?? facilities.drainSeconds,
      ...edge,
      // A path under web's host is a rule of web's ingress: with one of its own, some controllers start another load balancer.
      routes: processes.flatMap(([service, { path, host }]) => (path && !host ? { path, service } : [])),
    },
    processes: Object.fromEntries(
      processes.map(([name, process]) => [
        name,
        {
          ...kept(process),
          drainSeconds: process.drainSeconds ?? facilities.drainSeconds,
          ...edge,
          tls: { issuer: web.tls?.issuer },
        },
      ]),
    ),
    schedules: settings.schedules,
    accessories: Object.fromEntries(
      accessories.map(([name, accessory]) => [
        name,
        { ...kept(accessory), secrets: settings.accessorySecrets[name], dns },
      ]),
    ),
  };
}

/** Host of a repository's registry. */
const registryOf = (repository: string): string => repository.slice(0, repository.indexOf("/"));
