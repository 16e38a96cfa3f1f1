import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { connect } from "../cluster/provider.ts";
import type { Settings } from "../settings/load.ts";
import type { ReleaseArgs } from "./release.ts";

/** Where an environment runs. The program uses every platform through these methods, and never asks which one it is. */
export interface Platform {
  /** Looks up the digest that a tag of the image's repository points to. @default the registry is asked */
  readonly lookUp?: (tag: string) => Promise<string>;
  /** Creates the image's repository, if this stack owns it. @returns the login for a push; undefined: as `docker login` left it */
  createRepository(): ReleaseArgs["login"];
  /** Creates the cluster, or finds it. @param clusterIdentifier identity of a cluster that exists @returns the provider for it */
  connect(clusterIdentifier: string): k8s.Provider;
  /** Creates what a cluster of this stack's own needs besides: nodes, storage, a way in. @param cluster the provider for it */
  equip(cluster: k8s.Provider): Facilities;
}

/** What an application can use in its cluster. @default nothing, in a cluster that somebody else manages */
export interface Facilities {
  /** DNS servers besides the pods of kube-system, by IP address. */
  readonly dns?: readonly pulumi.Input<string>[];
  /** Storage class of the volumes; claims have to wait for `storage`. */
  readonly storageClass?: string;
  readonly storage?: pulumi.Resource;
  /** Labels that the application's namespace needs. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  readonly ingressClass?: pulumi.Input<string>;
  readonly ingressAnnotations?: Readonly<Record<string, string>>;
  /** Seconds for which a pod goes on serving once load balancers were told to leave it alone. */
  readonly drainSeconds?: number;
  /** Points the host name to the load balancer of this name. */
  readonly pointHostTo?: (loadBalancer: pulumi.Input<string>) => void;
  /** Where the volumes stay in the cloud when the stack is destroyed, and the command that lists them. */
  readonly volumes?: { readonly account: string; readonly region: string; readonly list: string };
}

/** The platform that the settings name. AWS is loaded only by stacks that use it. @throws UserError if its account is another one */
export async function platformOf(settings: Settings): Promise<Platform> {
  const named: Platform = {
    createRepository: () => undefined,
    connect: (clusterIdentifier) => connect({ ...settings.cluster, clusterIdentifier }),
    equip: () => ({}),
  };
  if (!settings.account) return named;
  const { platformInAws } = await import("./aws/platform.ts");
  return { ...named, ...(await platformInAws(settings.account, settings)) };
}

/** Arguments of the components, from the settings and the platform's defaults: the only place where the two meet. */
export function argumentsOf(settings: Settings, facilities: Facilities) {
  const { cluster, database, web } = settings;
  const protect = database?.protect;
  const storageClass = database?.storageClass ?? facilities.storageClass;
  return {
    namespace: {
      name: settings.namespace,
      protect,
      dns: [...(facilities.dns ?? []), ...cluster.dns],
      labels: facilities.namespaceLabels,
    },
    database: database && { ...database, storageClass, password: settings.databasePassword ?? "" },
    backups: database?.backups && {
      storage: database.storage,
      ...database.backups,
      image: database.image,
      storageClass,
      protect,
    },
    web: {
      ...web,
      secrets: settings.secrets,
      drainSeconds: web.drainSeconds ?? facilities.drainSeconds,
      ingressClass: web.ingressClass ?? facilities.ingressClass,
      ingressAnnotations: { ...facilities.ingressAnnotations, ...web.ingressAnnotations },
    },
  };
}
