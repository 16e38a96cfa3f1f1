import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sameFieldManager, skipAwait } from "../cluster/annotations.ts";
import { failureReport } from "../diagnosis/failure-report.ts";
import { accessoryServer } from "./accessory/server.ts";
import { accessPolicies } from "./pods/access.ts";
import { secretVariables, serviceAccount } from "./pods/identity.ts";
import type { Resources } from "./pods/restricted.ts";
import { type VolumesArgs, volumeClaims } from "./pods/volumes.ts";
import { waitForRollout } from "./web/rollout.ts";

/** Arguments of {@link Accessory}. */
export interface AccessoryArgs {
  /** Namespace to create it in. */
  readonly namespace: pulumi.Input<string>;
  /** Image of somebody else, by digest or by a tag with a version. */
  readonly image: pulumi.Input<string>;
  /** Port that it listens on. */
  readonly port: number;
  /** Command to run. @default the image's own */
  readonly command?: string[];
  /** Environment variables. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Secret environment variables. @default none */
  readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Volumes besides /tmp. @default none */
  readonly volumes?: VolumesArgs;
  /** Check that it serves, by HTTP, by a command, or by a connection; and the seconds that a start may take. */
  readonly probe: { readonly path?: string; readonly command?: string[]; readonly startSeconds: number };
  /** Numeric user and group of the process. */
  readonly user: number;
  /** Compute resources of the pod. */
  readonly resources: Resources;
  /** IP addresses of DNS servers besides the pods of kube-system. @default none */
  readonly dns?: readonly pulumi.Input<string>[];
  /** Waits until a new version serves. @default asks the API server */
  readonly waitForRollout?: typeof waitForRollout;
}

/** Labels of a pod that may reach every accessory of its namespace. */
export const accessoryClientLabels = { "slipway/accessory-client": "true" };

/** Seconds in which the pod stops. */
const stopsWithin = 30;

/**
 * A container of somebody else's image, such as a cache: one pod, reached by its name by the environment's own pods.
 *
 * A StatefulSet of one over explicit claims, as the database: a Deployment would start a pod beside one that is still
 * stopping, and both would write to its volumes.
 */
export class Accessory extends pulumi.ComponentResource {
  /** Host name: that of its Service. */
  readonly host: pulumi.Output<string>;
  /** Resolves once the new version serves. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: AccessoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Accessory", name, {}, opts);
    const { namespace, secrets = {}, port, probe } = args;
    const labels = { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "accessory" };
    const child = { parent: this, hooks: failureReport(this, name) };

    const account = serviceAccount(name, args, labels, child);
    const secret = secretVariables(name, { namespace, secrets }, labels, child);
    const claims = volumeClaims(name, args, labels, this);
    accessPolicies(
      { server: name, client: `${name}-access` },
      args,
      { server: labels, client: accessoryClientLabels },
      child,
    );
    const service = new k8s.core.v1.Service(
      name,
      {
        // Clients know it by this name. Not awaited: after a failed start, its endpoint would never come.
        metadata: { namespace, labels, name, annotations: { ...sameFieldManager, ...skipAwait } },
        spec: { selector: labels, ports: [{ name: "accessory", port, targetPort: "accessory" }] },
      },
      child,
    );
    const deadlineSeconds = probe.startSeconds + stopsWithin + 120;
    const references = { account: account.metadata.name, secret: secret?.metadata.name, claims };
    const server = accessoryServer(name, { ...args, stopsWithin }, labels, references, child);

    this.host = service.metadata.name;
    this.ready = (args.waitForRollout ?? waitForRollout)(server, this, { deadlineSeconds });
    this.registerOutputs({ host: this.host });
  }
}

/** Starts the accessories of an application. */
export const startAccessories = (
  accessories: Readonly<Record<string, Omit<AccessoryArgs, "namespace" | "waitForRollout">>>,
  shared: Pick<AccessoryArgs, "namespace" | "waitForRollout">,
  opts: pulumi.ComponentResourceOptions,
): Accessory[] =>
  Object.entries(accessories).map(([name, accessory]) => new Accessory(name, { ...accessory, ...shared }, opts));
