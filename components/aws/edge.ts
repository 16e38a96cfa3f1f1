import * as acm from "@pulumi/aws/acm/index.js";
import * as lb from "@pulumi/aws/lb/index.js";
import * as route53 from "@pulumi/aws/route53/index.js";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { healthCheck } from "./health-check.ts";

/** Arguments of {@link Edge}. */
export interface EdgeArgs {
  /** Host name to serve under, as in `app.example.com`. */
  readonly host: string;
  /** Id of the host's hosted zone in Route 53. */
  readonly zoneId: string;
  /** Path of the load balancer's health check. @default any answer but an error of the server will do */
  readonly healthPath?: string;
  /** Tags of the load balancer. */
  readonly tags: Readonly<Record<string, string>>;
  /** Provider for the cluster. */
  readonly kubernetes: pulumi.ProviderResource;
}

/** Ingress class of AWS load balancers that speak TLS only, with a certificate that renews itself. */
export class Edge extends pulumi.ComponentResource {
  /** Name of the class, known once the certificate is valid. */
  readonly ingressClass: pulumi.Output<string>;
  /** Annotations of an ingress: listener and health check of its load balancer. */
  readonly annotations: Readonly<Record<string, string>>;
  /**
   * Labels of the namespace. With this one, a new pod is ready only once the load balancer finds it healthy, so that a
   * rollout never leaves it without a target. The label is Auto Mode's; self-managed controllers ignore it.
   */
  readonly namespaceLabels = { "eks.amazonaws.com/pod-readiness-gate-inject": "enabled" };
  /**
   * Seconds for which a pod serves after it was deregistered: the load balancer sends it requests until it has noticed.
   * 5 and 15 lost some requests, 40 very few, 60 none: https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2106
   */
  readonly drainSeconds = 60;
  readonly #name: string;
  readonly #args: EdgeArgs;

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Edge", name, {}, opts);
    this.#name = name;
    this.#args = args;
    const inCluster = { parent: this, provider: args.kubernetes };
    const parameters = new k8s.apiextensions.CustomResource(
      `${name}-parameters`,
      {
        apiVersion: "eks.amazonaws.com/v1",
        kind: "IngressClassParams",
        metadata: { name: "slipway" },
        spec: {
          scheme: "internet-facing",
          certificateARNs: [validCertificate(name, args, { parent: this })],
          tags: Object.entries(args.tags).map(([key, value]) => ({ key, value })),
        },
      },
      inCluster,
    );
    const ingressClass = new k8s.networking.v1.IngressClass(
      `${name}-class`,
      {
        metadata: { name: "slipway" },
        spec: {
          controller: "eks.amazonaws.com/alb",
          parameters: { apiGroup: "eks.amazonaws.com", kind: "IngressClassParams", name: parameters.metadata.name },
        },
      },
      inCluster,
    );
    this.ingressClass = ingressClass.metadata.name;
    this.annotations = {
      "alb.ingress.kubernetes.io/listen-ports": JSON.stringify([{ HTTPS: 443 }]),
      "alb.ingress.kubernetes.io/ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
      "alb.ingress.kubernetes.io/target-type": "ip",
      ...healthCheck(args.healthPath),
      // A new pod is healthy after two checks: ten seconds, instead of the default thirty.
      "alb.ingress.kubernetes.io/healthcheck-interval-seconds": "5",
      "alb.ingress.kubernetes.io/healthcheck-timeout-seconds": "4",
      "alb.ingress.kubernetes.io/healthy-threshold-count": "2",
    };
    this.registerOutputs({ ingressClass: this.ingressClass });
  }

  /** Points the host name to a load balancer. @param loadBalancer host name in the status of the ingress */
  pointTo(loadBalancer: pulumi.Input<string>): void {
    const { id } = lb.getHostedZoneIdOutput({ loadBalancerType: "application" }, { parent: this });
    new route53.Record(
      this.#name,
      {
        zoneId: this.#args.zoneId,
        name: this.#args.host,
        type: "A",
        aliases: [{ name: loadBalancer, zoneId: id, evaluateTargetHealth: true }],
      },
      { parent: this },
    );
  }
}

/** Creates a certificate for the host. @returns its ARN, known once it is valid */
function validCertificate(
  name: string,
  { host, zoneId }: EdgeArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const resourceName = `${name}-certificate`;
  const certificate = new acm.Certificate(resourceName, { domainName: host, validationMethod: "DNS" }, opts);
  const proof = certificate.domainValidationOptions.apply(([option]) => ({
    name: option?.resourceRecordName ?? "",
    type: option?.resourceRecordType ?? "",
    value: option?.resourceRecordValue ?? "",
  }));
  const record = new route53.Record(
    resourceName,
    {
      zoneId,
      name: proof.name,
      type: proof.type,
      records: [proof.value],
      ttl: 300,
      // AWS asks for the same record for every certificate of this host in the account: an existing one is adopted.
      allowOverwrite: true,
    },
    opts,
  );
  const validation = { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] };
  return new acm.CertificateValidation(resourceName, validation, opts).certificateArn;
}
