/**
 * PostgreSQL's arguments that fit a container's memory: a quarter for the shared buffers, as the manual advises
 * (https://www.postgresql.org/docs/current/runtime-config-resource.html#GUC-SHARED-BUFFERS), half is expected to be the
 * kernel's cache.
 *
 * @param memory a Kubernetes quantity, as in `256Mi`
 */
export function memorySettings(memory: string): string[] {
  const megabytes = Math.floor(bytes(memory) / 2 ** 20);
  return [
    "-c",
    `shared_buffers=${Math.floor(megabytes / 4)}MB`,
    "-c",
    `effective_cache_size=${Math.floor(megabytes / 2)}MB`,
  ];
}

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

/** The bytes of a Kubernetes quantity. @throws Error where it is none */
export function bytes(quantity: string): number {
  const [, number, unit = ""] = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  const factor = units[unit];
  if (number === undefined || factor === undefined) throw new Error(`${quantity} is no Kubernetes quantity`);
  return Number(number) * factor;
}
