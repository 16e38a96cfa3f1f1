import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../settings/user-error.ts";
import { run } from "../command.ts";
import type { CompiledPart } from "../parts.ts";
import { paths } from "../paths.ts";
import { kubectl } from "../probes.ts";
import { apply, waitForCondition, waitForRollout } from "./apply.ts";
import { ensureProgramImage } from "./program-image.ts";
import { type KubernetesObject, read, workloadObjects } from "./workload.ts";

const name = "cert-manager";
const group = "cert-manager.io";
const kinds = ["certificaterequests", "certificates", "clusterissuers", "issuers"];
/** Name of the issuer for slipway:web.tls.issuer. */
export const issuer = "sandbox";
/** Name of the authority's certificate and of its Secret. */
const authority = "sandbox-authority";

/** Part that issues certificates for hosts. */
export const certManagerPart: CompiledPart = {
  name,
  module: "github.com/cert-manager/cert-manager",
  stamp: (version) => [`github.com/cert-manager/cert-manager/pkg/util.AppVersion=${version}`],
  embeds: { from: "deploy/crds", into: "definitions", files: kinds.map((kind) => `${group}_${kind}.yaml`) },
};

/** Runs cert-manager with the sandbox's issuer and writes the authority's certificate to a file. @throws UserError if it does not become ready */
export async function ensureCertManager(): Promise<void> {
  await apply("cert-manager's definitions", await run([join(paths.bin, name), "definitions"]));
  for (const kind of kinds) await waitForCondition(`crd/${kind}.${group}`, "Established");
  await apply(name, [...workloadObjects(workload(await ensureProgramImage(name))), ...issuers]);
  await waitForRollout(name);
  await waitForCondition(`clusterissuer/${issuer}`, "Ready");
  writeFileSync(paths.ingressAuthority, await authorityCertificate());
}

async function authorityCertificate(): Promise<string> {
  const field = "jsonpath={.data.tls\\.crt}";
  const { code, stdout, stderr } = await kubectl(["get", "secret", authority, "--namespace", name, "-o", field]);
  if (code !== 0) throw new UserError(`The certificate of the sandbox's issuer cannot be read:\n${stderr}`);
  return Buffer.from(stdout, "base64").toString();
}

const workload = (image: string) => ({
  name,
  image,
  args: [],
  ports: {},
  rules: [
    { apiGroups: [group], resources: kinds, verbs: [...read, "create", "update", "patch", "delete"] },
    { apiGroups: [group], resources: kinds.map((kind) => `${kind}/status`), verbs: ["update", "patch"] },
    { apiGroups: [group], resources: kinds.map((kind) => `${kind}/finalizers`), verbs: ["update"] },
    { apiGroups: [""], resources: ["secrets"], verbs: [...read, "create", "update", "patch", "delete"] },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: read },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses/finalizers"], verbs: ["update"] },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  ],
});

/** Self-signed authority, and the issuer that uses it. */
const issuers: KubernetesObject[] = [
  {
    apiVersion: `${group}/v1`,
    kind: "ClusterIssuer",
    metadata: { name: authority },
    spec: { selfSigned: {} },
  },
  {
    apiVersion: `${group}/v1`,
    kind: "Certificate",
    metadata: { name: authority, namespace: name },
    spec: {
      isCA: true,
      commonName: "slipway-sandbox ingress",
      secretName: authority,
      // Ten years, as the cluster's own.
      duration: "87600h",
      privateKey: { algorithm: "ECDSA", size: 256 },
      issuerRef: { group, kind: "ClusterIssuer", name: authority },
    },
  },
  {
    apiVersion: `${group}/v1`,
    kind: "ClusterIssuer",
    metadata: { name: issuer },
    spec: { ca: { secretName: authority } },
  },
];
