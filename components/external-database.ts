import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "./database/client.ts";
import { credentialsSecret } from "./database/login.ts";
import { clientPolicy } from "./pods/access.ts";
import { peer } from "./pods/outgoing.ts";

/** Arguments of {@link ExternalDatabase}. */
export interface ExternalDatabaseArgs {
  /** Namespace of the clients. */
  readonly namespace: pulumi.Input<string>;
  /** Host name or IP address of the server. */
  readonly host: string;
  readonly port: number;
  /** Name of the database, which has to exist. */
  readonly name: string;
  /** Role to log in as. */
  readonly user: string;
  /** Password of the role. */
  readonly password: pulumi.Input<string>;
  /** Ranges of addresses and namespaces that the server is in: network policies know no host names. */
  readonly addresses: readonly string[];
  /** Check of the server's certificate (libpq's sslmode), and the authorities as PEM text. @default the image's own authorities */
  readonly tls: { readonly mode: string; readonly ca?: string };
  /** IP addresses of DNS servers besides the pods of kube-system. @default none */
  readonly dns?: readonly pulumi.Input<string>[];
}

/** Connection to a database elsewhere: a Secret with its password, and a network policy that opens the way for its clients. */
export class ExternalDatabase extends pulumi.ComponentResource {
  /** Connection for clients, as that of a `Database`. */
  readonly connection: DatabaseConnection;

  constructor(name: string, args: ExternalDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:ExternalDatabase", name, {}, opts);
    const { namespace, dns, host, port, name: database, user, tls } = args;
    const clientLabels = { [`slipway/${name}-client`]: "true" };
    const child = { parent: this };

    const { credentials, urlKey } = credentialsSecret(name, args, child);
    const policy = clientPolicy(
      `${name}-access`,
      { namespace, dns, to: args.addresses.map(peer), port },
      clientLabels,
      child,
    );
    const authorities =
      tls.ca === undefined
        ? undefined
        : new k8s.core.v1.ConfigMap(
            `${name}-authorities`,
            { metadata: { namespace }, data: { "ca.crt": tls.ca } },
            child,
          );
    this.connection = {
      // Known once clients can reach it: their Jobs and pods have to come after the policy.
      host: policy.id.apply(() => host),
      port,
      name: database,
      user: pulumi.output(user),
      secret: credentials.metadata.name,
      urlKey,
      tls: { mode: tls.mode, authorities: authorities?.metadata.name },
      elsewhere: `${host}:${port}/${database}`,
      clientLabels,
    };
    this.registerOutputs({ connection: this.connection });
  }
}
