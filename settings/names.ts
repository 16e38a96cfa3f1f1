import { text } from "./building-blocks.ts";

// Names as Kubernetes, DNS and registries accept them. Labels alone: building-blocks.ts.

const label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const labels = `${label}(\\.${label})*`;
const longLabel = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
export const subdomainPattern = `(?=.{1,253}$)${longLabel}(\\.${longLabel})*`;

/** Name of an object that this program does not create. */
export const dnsSubdomain = (example: string) =>
  text(
    `at most 253 lower-case letters, digits, "-" and ".", as in ${example}`,
    new RegExp(`^${subdomainPattern}$`),
    example,
  );

/** Namespace that a stack may own. */
export const ownNamespace = (example: string) =>
  text(
    `at most 63 lower-case letters, digits and "-", as in ${example}; not default or kube-…, which the cluster owns`,
    new RegExp(`^(?!default$|kube-)${label}$`),
    example,
  );

/** Host name, as DNS, certificates and Ingress objects accept it. It is no address. */
export const hostName = (allowed: string, example: string) =>
  text(allowed, new RegExp(`^(?=.{1,253}$)(?!([0-9]+\\.){3}[0-9]+$)${labels}$`), example);

// https://github.com/distribution/reference
const port = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
const registry = `${labels}(:${port})?`;
const tag = "\\w[\\w.-]{0,127}";
const digest = "@sha256:[0-9a-f]{64}";
const component = "[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*";
const longest = 255;
const imagePath = `(?=.{1,${longest}}$|[^@]{1,${longest}}@)(${registry}/)?${component}(/${component})*`;

/** Registry: a host, and its port if there is one. */
export const registryAddress = (example: string) =>
  text(`HOST or HOST:PORT of a registry, as in ${example}`, new RegExp(`^${registry}$`), example);

/** Repository of an image: a registry and a path. */
export const imageRepository = (example: string) =>
  text(
    `REGISTRY/PATH in lower case without a tag, as in ${example}`,
    new RegExp(`^(?=.{1,${longest}}$)${registry}(/${component})+$`),
    example,
  );

/** Image whose tag begins with a version; a digest may follow. */
export const versionedImage = (example: string) =>
  text(
    `an image whose tag begins with its version, as in ${example}`,
    new RegExp(`^${imagePath}:(?=${tag}(@|$))[0-9]+([.-][\\w.-]*)?(${digest})?$`),
    example,
  );

/** Image by digest, or by a tag with a digit in it, which `latest` has not. */
export const pinnedImage = (allowed: string, example: string) =>
  text(allowed, new RegExp(`^${imagePath}(:(?=[\\w.-]*[0-9])${tag}(${digest})?|${digest})$`), example);
