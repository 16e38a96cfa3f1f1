import { certManagerPart, ensureCertManager } from "./addons/cert-manager.ts";
import { ensureMetricsServer, metricsServerPart } from "./addons/metrics-server.ts";
import { ensureTraefik, traefikPart } from "./addons/traefik.ts";
import { ensureCompiled } from "./compile.ts";
import type { CompiledPart } from "./parts.ts";

/** Settings of a stack, as in its file. */
// biome-ignore lint/suspicious/noExplicitAny: unchecked settings; the program checks them
type Config = Record<string, any>;

/** Program that most clusters have, and that the sandbox runs only for stacks that need it. */
export interface Addon {
  readonly part: CompiledPart;
  /** Tells if a stack with these settings needs it. */
  readonly isNeeded: (config: Config) => boolean;
  /** Runs the compiled program in the cluster and waits until it works. */
  readonly ensure: () => Promise<void>;
}

/** Settings of the web application and of the processes beside it. */
const processesOf = (config: Config): Config[] =>
  [config["slipway:web"], ...Object.values(config["slipway:processes"] ?? {})].map((process) => process ?? {});

/** Tells if an autoscaler sets a number of pods of a stack with these settings. */
export const isScaled = (config: Config): boolean =>
  processesOf(config).some(({ replicas }) => replicas?.max > replicas?.min);
const hasHost = (config: Config): boolean => processesOf(config).some(({ host }) => host !== undefined);

const addons: readonly Addon[] = [
  { part: metricsServerPart, isNeeded: isScaled, ensure: ensureMetricsServer },
  { part: certManagerPart, isNeeded: hasHost, ensure: ensureCertManager },
  { part: traefikPart, isNeeded: hasHost, ensure: ensureTraefik },
];

/** Add-ons that stacks with these settings need. */
export const neededAddons = (configs: readonly Config[]): readonly Addon[] =>
  addons.filter(({ isNeeded }) => configs.some(isNeeded));

let previous: Promise<void> = Promise.resolve();

/**
 * Compiles and runs the add-ons that stacks with these settings need. Idempotent; concurrent calls run one after the other.
 *
 * @throws UserError if one cannot be compiled or does not become ready
 */
export function ensureAddons(configs: readonly Config[]): Promise<void> {
  const turn = previous.then(async () => {
    for (const { part, ensure } of neededAddons(configs)) {
      await ensureCompiled(part);
      await ensure();
    }
  });
  previous = turn.catch(() => {});
  return turn;
}
