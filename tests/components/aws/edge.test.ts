import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import { simulatedAws } from "../../../commands/environments/simulated-aws.ts";
import { Edge } from "../../../components/aws/edge.ts";
import { only } from "../../deploy.ts";
import { inAmazon } from "./amazon.ts";

/** Deploys the edge. @param healthPath empty for none */
const deployed = (healthPath = "/ready") =>
  inAmazon(
    ({ provider }) => {
      const kubernetes = new k8s.Provider("cluster");
      const args = {
        host: "shop.example.com",
        zoneId: "Z1",
        healthPath: healthPath || undefined,
        tags: { Owner: "team-shop" },
      };
      const edge = new Edge("edge", { ...args, kubernetes }, { provider });
      edge.pointTo("balancer.elb.amazonaws.com");
      return edge;
    },
    {
      "aws:lb/getHostedZoneId:getHostedZoneId": () => ({ id: "Z-balancers" }),
      "aws:acm/certificateValidation:CertificateValidation": () => ({ certificateArn: "arn:of:the-valid-certificate" }),
      "aws:acm/certificate:Certificate":
        simulatedAws({ config: {} })["aws:acm/certificate:Certificate"] ?? (() => ({})),
    },
  );
const record = "aws:route53/record:Record";

describe("Edge", () => {
  it("creates a certificate for the host, validated through its hosted zone", async () => {
    const { resources } = await deployed();
    assert.deepEqual(only(resources, "aws:acm/certificate:Certificate").inputs, {
      domainName: "shop.example.com",
      validationMethod: "DNS",
    });
    assert.deepEqual(only(resources, record, "edge-certificate").inputs, {
      zoneId: "Z1",
      name: "_proof.shop.example.com",
      type: "CNAME",
      records: ["_proof.acm-validations.aws"],
      ttl: 300,
      allowOverwrite: true,
    });
    assert.ok(
      only(resources, "aws:acm/certificateValidation:CertificateValidation").dependsOn.includes("edge-certificate"),
    );
  });

  it("speaks current versions of TLS only, and checks the application's own health", async () => {
    const { result } = await deployed();
    assert.deepEqual(result.annotations, {
      "alb.ingress.kubernetes.io/listen-ports": '[{"HTTPS":443}]',
      "alb.ingress.kubernetes.io/ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
      "alb.ingress.kubernetes.io/target-type": "ip",
      "alb.ingress.kubernetes.io/healthcheck-path": "/ready",
      "alb.ingress.kubernetes.io/healthcheck-interval-seconds": "5",
      "alb.ingress.kubernetes.io/healthcheck-timeout-seconds": "4",
      "alb.ingress.kubernetes.io/healthy-threshold-count": "2",
    });
    const { annotations } = (await deployed("")).result;
    assert.equal(annotations["alb.ingress.kubernetes.io/healthcheck-path"], "/");
    assert.equal(annotations["alb.ingress.kubernetes.io/success-codes"], "200-499");
    assert.deepEqual(result.namespaceLabels, { "eks.amazonaws.com/pod-readiness-gate-inject": "enabled" });
    assert.equal(result.drainSeconds, 60);
  });

  it("creates an ingress class for AWS load balancers, with tags, once the certificate is valid", async () => {
    const { resources } = await deployed();
    const parameters = only(resources, "kubernetes:eks.amazonaws.com/v1:IngressClassParams");
    assert.equal(parameters.inputs.spec.scheme, "internet-facing");
    assert.deepEqual(parameters.inputs.spec.tags, [{ key: "Owner", value: "team-shop" }]);
    assert.deepEqual(parameters.inputs.spec.certificateARNs, ["arn:of:the-valid-certificate"]);
    const { inputs, dependsOn } = only(resources, "kubernetes:networking.k8s.io/v1:IngressClass");
    assert.deepEqual(inputs.spec, {
      controller: "eks.amazonaws.com/alb",
      parameters: { apiGroup: "eks.amazonaws.com", kind: "IngressClassParams", name: "slipway" },
    });
    assert.ok(dependsOn.includes("edge-parameters"));
  });

  it("points the host name to the load balancer", async () => {
    const { inputs } = only((await deployed()).resources, record, "edge");
    assert.deepEqual(inputs, {
      zoneId: "Z1",
      name: "shop.example.com",
      type: "A",
      aliases: [{ name: "balancer.elb.amazonaws.com", zoneId: "Z-balancers", evaluateTargetHealth: true }],
    });
  });
});
