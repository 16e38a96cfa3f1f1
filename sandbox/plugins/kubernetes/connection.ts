import type { Engine } from "../engine.ts";
import { Cluster, loadClient } from "./cluster.ts";
import { UnreachableError } from "./exchange.ts";
import type { Settings } from "./settings.ts";

/** What every operation works with: the settings, the way to the cluster, the log. */
export class Connection {
  readonly settings: Settings;
  readonly engine: Engine;
  /** Aborts when the engine cancels what is under way. */
  readonly cancelled: AbortSignal;
  private readonly loading: Promise<Cluster>;

  constructor(settings: Settings, engine: Engine, cancelled: AbortSignal) {
    this.settings = settings;
    this.engine = engine;
    this.cancelled = cancelled;
    this.loading = settings.renderDirectory
      ? Promise.reject(new Error("manifests are rendered to a directory; no cluster is contacted"))
      : Cluster.load(settings);
    // Only the operations that need the cluster may fail for it: what needs none goes on with a broken kubeconfig.
    this.loading.catch(() => {});
  }

  /** @throws when the kubeconfig cannot be read. Whether the cluster answers shows with the first request. */
  async cluster(): Promise<Cluster> {
    try {
      return await this.loading;
    } catch (error) {
      throw unreachable(error);
    }
  }

  /** Namespace of objects that name none. */
  async defaultNamespace(): Promise<string> {
    if (this.settings.namespace) return this.settings.namespace;
    return this.loading.then((cluster) => cluster.namespace).catch(() => "default");
  }
}

/** Says of any failure to get to the cluster that the cluster is what failed. */
export function unreachable(error: unknown): UnreachableError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UnreachableError(`configured Kubernetes cluster is unreachable: ${reason}`);
}

/** Loads what Configure will need while the engine is still busy elsewhere. */
export function warmUp(): void {
  loadClient().catch(() => {});
}
