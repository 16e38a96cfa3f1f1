import * as acm from "@pulumi/aws/acm/index.js";
import * as lb from "@pulumi/aws/lb/index.js";
import * as route53 from "@pulumi/aws/route53/index.js";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Edge}. */
export interface EdgeArgs {
  /** Host name to serve under, as in `app.example.com`. */
  readonly host: string;
  /** Id of the hosted zone in Route 53 that answers for it. */
  readonly zoneId: string;
  /** Path that says whether requests can be served. */
  readonly healthPath: string;
  /** Tags of the load balancer. */
  readonly tags: Readonly<Record<string, string>>;
  /** For the cluster. */
  readonly kubernetes: pulumi.ProviderResource;
}

/**
 * The way in from the internet: a load balancer of Amazon's that speaks TLS alone, with a certificate that renews itself,
 * made for each Ingress of the class.
 */
export class Edge extends pulumi.ComponentResource {
  /** Class of the Ingress; known once the certificate is valid. */
  readonly ingressClass: pulumi.Output<string>;
  /** Annotations of the Ingress: what its load balancer listens to, and how it tells who is well. */
  readonly annotations: Readonly<Record<string, string>>;
  /**
   * Labels of the namespace: a new pod counts as ready only once the load balancer finds it well, so that a rollout never
   * leaves it without one. The label is Auto Mode's own; that of the controller which others run has no effect.
   */
  readonly namespaceLabels = { "eks.amazonaws.com/pod-readiness-gate-inject": "enabled" };
  /**
   * Seconds for which a pod goes on serving once it was let go of: the load balancer still sends it requests until it has heard of that.
   * 5 and 15 were seen to lose some, 40 very few, 60 none: https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2106
   */
  readonly drainSeconds = 60;
  readonly #name: string;
  readonly #args: EdgeArgs;

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:index:Edge", name, {}, opts);
    this.#name = name;
    this.#args = args;
    const { host, zoneId } = args;
    const child = { parent: this };
    const certificate = new acm.Certificate(
      `${name}-certificate`,
      { domainName: host, validationMethod: "DNS" },
      child,
    );
    const proof = certificate.domainValidationOptions.apply(([option]) => ({
      name: option?.resourceRecordName ?? "",
      type: option?.resourceRecordType ?? "",
      value: option?.resourceRecordValue ?? "",
    }));
    const record = new route53.Record(
      `${name}-certificate`,
      {
        zoneId,
        name: proof.name,
        type: proof.type,
        records: [proof.value],
        ttl: 300,
        // The same for every certificate of this name in this account: one that was left behind is taken over.
        allowOverwrite: true,
      },
      child,
    );
    const valid = new acm.CertificateValidation(
      `${name}-certificate`,
      { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
      child,
    );
    const inCluster = { parent: this, provider: args.kubernetes };
    const parameters = new k8s.apiextensions.CustomResource(
      `${name}-parameters`,
      {
        apiVersion: "eks.amazonaws.com/v1",
        kind: "IngressClassParams",
        metadata: { name: "slipway" },
        spec: {
          scheme: "internet-facing",
          certificateARNs: [valid.certificateArn],
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
      "alb.ingress.kubernetes.io/healthcheck-path": args.healthPath,
      // A new pod waits for two good answers: ten seconds, not the thirty of the default.
      "alb.ingress.kubernetes.io/healthcheck-interval-seconds": "5",
      "alb.ingress.kubernetes.io/healthcheck-timeout-seconds": "4",
      "alb.ingress.kubernetes.io/healthy-threshold-count": "2",
    };
    this.registerOutputs({ ingressClass: this.ingressClass });
  }

  /** Lets the host name point to a load balancer. @param address its own name, as the Ingress tells it */
  pointTo(address: pulumi.Input<string>): void {
    const { host, zoneId } = this.#args;
    const balancers = lb.getHostedZoneIdOutput({ loadBalancerType: "application" }, { parent: this });
    new route53.Record(
      this.#name,
      {
        ...{ zoneId, name: host, type: "A" },
        aliases: [{ name: address, zoneId: balancers.id, evaluateTargetHealth: true }],
      },
      { parent: this },
    );
  }
}
