import { containsSecret, containsUnknown, isObject, isSecret, type Properties, plain, secret } from "../properties.ts";
import { isNamespaced, type KubernetesObject, kindOf } from "./object.ts";

/**
 * Brings an object into the form in which the API server will give it back, so that a program that says the same thing in
 * another way (0.5 CPU for 500m, stringData for data) shows no change at the next preview. Marks of secrets are kept.
 */
export function normalize(object: KubernetesObject): KubernetesObject {
  const { status: _, ...withoutStatus } = object;
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !serverOwned.has(key)));
  const cleaned = {
    ...(withoutNulls(withoutStatus) as KubernetesObject),
    metadata: withoutNulls(metadata) as Properties,
  };
  const encoded = object.apiVersion === "v1" && object.kind === "Secret" ? encodeStringData(cleaned) : cleaned;
  const isKnown = isNamespaced(kindOf(object)) !== undefined && object.kind !== "CustomResourceDefinition";
  return isKnown ? (canonicalQuantities(encoded, []) as KubernetesObject) : encoded;
}

const serverOwned = new Set([
  ...["creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields"],
  ...["resourceVersion", "uid", "selfLink"],
]);

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null && child !== undefined)
      .map(([key, child]) => [key, withoutNulls(child)]),
  );
}

/** The server turns a Secret's stringData into data. An unknown value is left for the update, which encodes it. */
function encodeStringData(object: KubernetesObject): KubernetesObject {
  const { stringData, ...rest } = object;
  const texts = isSecret(stringData) ? stringData.value : stringData;
  if (!isObject(texts)) return object;
  const data = isSecret(rest.data) ? rest.data.value : rest.data;
  const encoded = Object.fromEntries(
    Object.entries(texts).map(([key, text]) => {
      if (containsUnknown(text)) return [key, text];
      const base64 = Buffer.from(String(plain(text))).toString("base64");
      return [key, containsSecret(text) ? secret(base64) : base64];
    }),
  );
  const merged = { ...(isObject(data) ? data : {}), ...encoded };
  return { ...rest, data: isSecret(stringData) || isSecret(rest.data) ? secret(merged) : merged } as KubernetesObject;
}

// Members whose values (or, for a map, whose values' values) are quantities in every kind that has them.
const quantityMaps = new Set(["limits", "requests", "hard", "capacity", "max", "min", "default", "defaultRequest"]);
const quantities = new Set(["sizeLimit", "averageValue", "maxLimitRequestRatio"]);

function canonicalQuantities(value: unknown, path: string[]): unknown {
  if (isSecret(value)) return secret(canonicalQuantities(value.value, path));
  if (Array.isArray(value)) return value.map((item) => canonicalQuantities(item, path));
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => [key, canonicalQuantities(child, [...path, key])]),
    );
  }
  const [parent = "", member = ""] = path.slice(-2);
  const isQuantity = path[0] === "spec" && (quantities.has(member) || quantityMaps.has(parent));
  return isQuantity && (typeof value === "string" || typeof value === "number") ? canonicalQuantity(value) : value;
}

const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/**
 * A quantity as Kubernetes writes it: the largest suffix of its own family that leaves a whole number.
 * "0.5" is "500m", "1024Mi" is "1Gi", 1 is "1". A text that is no quantity (or one in the rare form 1e3) comes back as it is.
 */
export function canonicalQuantity(value: string | number): string {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E)?$/.exec(String(value));
  if (!match) return String(value);
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return "0";
  const prefix = sign === "-" ? "-" : "";
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) {
    const bytes = digits * 1024n ** BigInt(binary);
    const scale = 10n ** BigInt(fraction.length);
    if (bytes % scale === 0n) return prefix + largestSuffix(bytes / scale, 1024n, binarySuffixes);
  }
  // Everything else in billionths, the smallest unit there is.
  const power = (decimalSuffixes.indexOf(binary > 0 ? "" : suffix) - 3) * 3 + 9 - fraction.length;
  if (power < 0) return String(value);
  const base = binary > 0 ? digits * 1024n ** BigInt(binary) : digits;
  return prefix + largestSuffix(base * 10n ** BigInt(power), 1000n, decimalSuffixes);
}

function largestSuffix(amount: bigint, step: bigint, suffixes: string[]): string {
  let [rest, index] = [amount, 0];
  while (rest % step === 0n && index < suffixes.length - 1) {
    rest /= step;
    index += 1;
  }
  return `${rest}${suffixes[index]}`;
}
