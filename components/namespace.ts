import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sameFieldManager } from "../cluster/annotations.ts";
import { dnsServers } from "./pods/dns-servers.ts";

/** Arguments of {@link AppNamespace}. */
export interface AppNamespaceArgs {
  /** Name of the namespace. */
  readonly name: string;
  /** Refuses to delete it, and everything in it. @default false */
  readonly protect?: boolean;
  /** IP addresses of DNS servers besides the pods of kube-system. @default none */
  readonly dns?: readonly pulumi.Input<string>[];
  /** Login for the registry of the application's image. @default none; the nodes can pull the image */
  readonly pullAs?: RegistryLogin;
  /** Labels besides its own. @default none */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Login for a registry. */
export interface RegistryLogin {
  /** Host of the registry, with its port if there is one. */
  readonly registry: string;
  readonly username: string;
  readonly password: pulumi.Input<string>;
}

/** A namespace that admits only restricted pods, and only traffic that a policy in it allows. */
export class AppNamespace extends pulumi.ComponentResource {
  /** Name of the namespace, known once it exists. */
  readonly name: pulumi.Output<string>;
  /** Name of the Secret with the login for the registry. @default none */
  readonly pullSecret?: pulumi.Output<string>;

  constructor(name: string, args: AppNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:AppNamespace", name, {}, opts);
    const { protect } = args;
    const namespace = new k8s.core.v1.Namespace(
      name,
      {
        metadata: {
          name: args.name,
          annotations: sameFieldManager,
          labels: {
            ...args.labels,
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/enforce-version": "latest",
            "pod-security.kubernetes.io/warn": "restricted",
          },
        },
      },
      // Everything else in the environment waits for the namespace, and so for its dependencies.
      { parent: this, dependsOn: opts?.dependsOn, protect, retainOnDelete: protect },
    );
    this.name = namespace.metadata.name;
    new k8s.networking.v1.NetworkPolicy(
      `${name}-deny`,
      { metadata: { namespace: this.name }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
      { parent: this },
    );
    new k8s.networking.v1.NetworkPolicy(
      `${name}-dns`,
      {
        metadata: { namespace: this.name },
        spec: { podSelector: {}, policyTypes: ["Egress"], egress: dnsServers(args.dns) },
      },
      { parent: this },
    );
    if (args.pullAs) this.pullSecret = pullSecret(name, this.name, args.pullAs, { parent: this }).metadata.name;
    this.registerOutputs({ name: this.name });
  }
}

/** Creates the Secret of a login. Its name is fixed, because running pods refer to it for as long as they run. */
const pullSecret = (
  name: string,
  namespace: pulumi.Input<string>,
  { registry, username, password }: RegistryLogin,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret =>
  new k8s.core.v1.Secret(
    `${name}-pull`,
    {
      metadata: { name: `${name}-pull`, namespace, annotations: sameFieldManager },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": pulumi.jsonStringify({ auths: { [registry]: { username, password } } }) },
    },
    opts,
  );
