import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { connect } from "../cluster/provider.ts";
import type { Settings } from "../settings/load.ts";
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
