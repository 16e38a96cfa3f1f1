/** A Kubernetes quantity, without a sign. @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
export const quantityPattern = /^(?=\.?[0-9])([0-9]*)\.?([0-9]*)(n|u|m|k|[MGTPE]|[KMGTPE]i|[eE][-+]?[0-9]{1,2})?$/;

/** Exponents of ten. */
const decimals: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
/** Exponents of two. */
const binaries: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

const billion = 10n ** 9n;

/** Converts a quantity to billionths, the smallest part that the API server keeps, rounded up as there. */
function billionths(quantity: string): bigint {
  const [matched, whole = "", fraction = "", unit = ""] = quantityPattern.exec(quantity) ?? [];
  if (matched === undefined) throw new Error(`${quantity} is not a Kubernetes quantity`);
  const binary = binaries[unit];
  const decimal = binary ? 0 : (decimals[unit] ?? Number(unit.slice(1)));
  const value = BigInt(whole + fraction) * billion * 2n ** BigInt(binary ?? 0);
  const exponent = decimal - fraction.length;
  if (exponent >= 0) return value * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return (value + divisor - 1n) / divisor;
}

/** Converts a quantity, as in `256Mi`, to bytes. @throws Error if it is not a quantity */
export function bytes(quantity: string): number {
  const value = billionths(quantity);
  return Number(value / billion) + Number(value % billion) / Number(billion);
}

/** Whether a quantity is larger than another one. @throws Error if one of them is not a quantity */
export const exceeds = (quantity: string, other: string): boolean => billionths(quantity) > billionths(other);

/** Whether a quantity is a whole number, as a number of bytes is. @throws Error if it is not a quantity */
export const isWhole = (quantity: string): boolean => billionths(quantity) % billion === 0n;
