import { z } from "zod";
import { eks } from "./aws.ts";
import { conflicts, group, list, text, trimmed } from "./building-blocks.ts";

const dnsServer = z
  .union([z.ipv4(), z.ipv6()], { error: "an IP address, as in 169.254.20.10" })
  .meta({ examples: ["169.254.20.10"] });

/** The cluster: a context of a kubeconfig, or Amazon EKS. */
export const cluster = group({
  context: text("the name of a kubeconfig context", trimmed, "slipway-sandbox")
    .optional()
    .describe(
      "Kubeconfig context, by name; the current context is never used. Required unless slipway:cluster.eks is set.",
    ),
  kubeconfig: text("the path of a kubeconfig file", trimmed, "kubeconfig.yaml")
    .optional()
    .describe("Kubeconfig file that has the context. Default: $KUBECONFIG, else ~/.kube/config."),
  dns: list("IP addresses, as in [169.254.20.10]", dnsServer)
    .default([])
    .describe(
      "DNS servers that are not pods in kube-system, such as NodeLocal DNSCache. Network policies allow these too.",
    ),
  eks: eks.optional(),
})
  .superRefine(({ context, kubeconfig, eks }, ctx) => {
    const conflict = conflicts(ctx);
    if (context === undefined && !eks)
      conflict("context", "the name of a kubeconfig context (or set slipway:cluster.eks)");
    if (context && eks) conflict("context", "nothing, if slipway:cluster.eks is set");
    if (kubeconfig && eks) conflict("kubeconfig", "nothing, if slipway:cluster.eks is set");
  })
  .transform(({ context = "", kubeconfig, dns, eks }) =>
    eks ? { eks, context: undefined, kubeconfig: undefined, dns } : { context, kubeconfig, dns, eks: undefined },
  )
  .describe("Cluster that this environment runs on.");
