import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.ts";
import { cluster, paths } from "./paths.ts";
import { readIfPresent } from "./read-file.ts";

/** Certificate of the sandbox. */
interface Certificate {
  readonly file: string;
  /** Common name; the Kubernetes user of a client. */
  readonly name: string;
  /** Organisation; the Kubernetes group of a client. */
  readonly group?: string;
  /** Names and addresses of a server. @default none, for clients */
  readonly serves?: readonly string[];
}

const loopback = ["DNS:localhost", "IP:127.0.0.1"];

const certificates: readonly Certificate[] = [
  {
    file: "kube-apiserver",
    name: "kube-apiserver",
    serves: [
      ...loopback,
      `IP:${cluster.nodeAddress}`,
      `IP:${cluster.apiServiceAddress}`,
      "DNS:kubernetes",
      "DNS:kubernetes.default",
      "DNS:kubernetes.default.svc",
      `DNS:kubernetes.default.svc.${cluster.dnsDomain}`,
    ],
  },
  { file: "etcd", name: "etcd", serves: loopback },
  { file: "kubelet-server", name: cluster.nodeName, serves: [...loopback, `IP:${cluster.nodeAddress}`] },
  { file: "metrics-server", name: "metrics-server", serves: [`DNS:${cluster.metricsServer}`] },
  { file: "admin", name: "sandbox-admin", group: "system:masters" },
  { file: "front-proxy", name: cluster.frontProxy },
  { file: "kubelet", name: `system:node:${cluster.nodeName}`, group: "system:nodes" },
  { file: "kube-controller-manager", name: "system:kube-controller-manager" },
  { file: "kube-scheduler", name: "system:kube-scheduler" },
  { file: "kube-proxy", name: "system:kube-proxy" },
];

const tenYears = "3650";

/**
 * Creates the sandbox's certificate authority and its certificates, unless they exist. A changed list of certificates keeps the
 * authority and the key of the service accounts, because running services trust them. An interrupted run leaves nothing incomplete.
 *
 * @throws UserError if openssl fails
 */
export async function ensureCertificates(): Promise<void> {
  const recipe = createHash("sha256").update(JSON.stringify(certificates)).digest("hex");
  const stamp = join(paths.certificates, "recipe");
  if (readIfPresent(stamp) === recipe) return;

  const folder = `${paths.certificates}.new`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(paths.certificates)) {
    for (const name of authorityFiles) cpSync(join(paths.certificates, name), join(folder, name));
  } else await createAuthority(folder);
  for (const each of certificates) await sign(folder, each);
  writeFileSync(join(folder, "recipe"), recipe);
  rmSync(paths.certificates, { recursive: true, force: true });
  renameSync(folder, paths.certificates);
}

const authorityFiles = ["ca.key", "ca.crt", "service-accounts.key", "service-accounts.pub"];

async function createAuthority(folder: string): Promise<void> {
  const authority = ["-x509", "-days", tenYears, "-subj", "/CN=slipway-sandbox", "-out", "ca.crt"];
  await openssl(folder, [...newKey("ca"), ...authority]);
  const rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
  await openssl(folder, ["genpkey", ...rsa, "-out", "service-accounts.key"]);
  await openssl(folder, ["pkey", "-in", "service-accounts.key", "-pubout", "-out", "service-accounts.pub"]);
}

/** Path of a certificate (`crt`) or its key (`key`). */
export function certificateFile(name: string, kind: "crt" | "key" | "pub"): string {
  return join(paths.certificates, `${name}.${kind}`);
}

async function sign(folder: string, certificate: Certificate): Promise<void> {
  const subject = `${certificate.group ? `/O=${certificate.group}` : ""}/CN=${certificate.name}`;
  const usage = certificate.serves ? "serverAuth,clientAuth" : "clientAuth";
  const extensions = [
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature",
    `extendedKeyUsage=${usage}`,
    ...(certificate.serves ? [`subjectAltName=${certificate.serves.join(",")}`] : []),
  ];
  const request = `${certificate.file}.csr`;
  await openssl(folder, [...newKey(certificate.file), "-subj", subject, "-out", request]);
  writeFileSync(join(folder, `${certificate.file}.ext`), extensions.join("\n"));
  await openssl(folder, [
    ...["x509", "-req", "-in", request, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", tenYears],
    ...["-extfile", `${certificate.file}.ext`, "-out", `${certificate.file}.crt`],
  ]);
}

function newKey(file: string): string[] {
  return ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", `${file}.key`];
}

async function openssl(folder: string, args: readonly string[]): Promise<void> {
  await run(["openssl", ...args], { cwd: folder });
}
