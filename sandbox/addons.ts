import { certManagerPart, ensureCertManager } from "./addons/cert-manager.ts";
import { ensureMetricsServer, metricsServerPart } from "./addons/metrics-server.ts";
import { ensureTraefik, traefikPart } from "./addons/traefik.ts";
import { ensureCompiled } from "./compile.ts";
import type { CompiledPart } from "./parts.ts";

/** Settings of a stack, as its file has them. */
// biome-ignore lint/suspicious/noExplicitAny: settings as they stand; the program checks them
type Config = Record<string, any>;

/** A program that most clusters have, and that the sandbox runs only for stacks that need it. */
export interface Addon {
  readonly part: CompiledPart;
  /** Whether a stack with these settings needs it. */
  readonly isNeeded: (config: Config) => boolean;
  /** Runs it, once it is compiled, and waits until it works. */
  readonly ensure: () => Promise<void>;
}

/** Whether an autoscaler decides how many pods a stack with these settings has. */
export const isScaled = (config: Config): boolean => {
  const { min, max } = config["slipway:web"]?.replicas ?? {};
  return max > min;
};
const hasHost = (config: Config): boolean => config["slipway:web"]?.host !== undefined;

const addons: readonly Addon[] = [
  { part: metricsServerPart, isNeeded: isScaled, ensure: ensureMetricsServer },
  { part: certManagerPart, isNeeded: hasHost, ensure: ensureCertManager },
  { part: traefikPart, isNeeded: hasHost, ensure: ensureTraefik },
];

/** The add-ons that stacks with these settings need. */
export const neededAddons = (configs: readonly Config[]): readonly Addon[] =>
  addons.filter(({ isNeeded }) => configs.some(isNeeded));

let earlier: Promise<void> = Promise.resolve();

/**
 * Compiles and runs the add-ons that stacks with these settings need. Safe to repeat; calls at the same time take turns.
 *
 * @throws UserError
 */
export function ensureAddons(configs: readonly Config[]): Promise<void> {
  const turn = earlier.then(async () => {
    for (const { part, ensure } of neededAddons(configs)) {
      await ensureCompiled(part);
      await ensure();
    }
  });
  earlier = turn.catch(() => {});
  return turn;
}
