const units: Record<string, number> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Converts a Kubernetes quantity, as in `256Mi`, to bytes. @throws Error if it is not a quantity */
export function bytes(quantity: string): number {
  const [, number, unit = ""] = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  const factor = units[unit];
  if (number === undefined || factor === undefined) throw new Error(`${quantity} is not a Kubernetes quantity`);
  return Number(number) * factor;
}
