import type { Engine } from "../engine.ts";
import { Cluster } from "./cluster.ts";
import { UnreachableError } from "./exchange.ts";
import type { Settings } from "./settings.ts";

/**
 * Milliseconds without a call after which the client is loaded without having been asked for, which keeps the process busy for 0.1 s.
 * A preview in which nothing changes never needs it, and is not made to wait for it; an update that begins with a build finds it loaded.
 */
const loadAheadMs = 500;

/** What every operation works with: the settings, the way to the cluster, the log. */
export class Connection {
  readonly settings: Settings;
  readonly engine: Engine;
  /** Aborts when the engine cancels what is under way. */
  readonly cancelled: AbortSignal;
  private readonly idle: NodeJS.Timeout;
  private loading: Promise<Cluster> | undefined;

  constructor(settings: Settings, engine: Engine, cancelled: AbortSignal) {
    this.settings = settings;
    this.engine = engine;
    this.cancelled = cancelled;
    // Only the operations that need the cluster may fail for it: what needs none goes on with a broken kubeconfig.
    const forget = () => {
      this.loading = undefined;
    };
    this.idle = setTimeout(() => this.load().catch(forget), loadAheadMs).unref();
  }

  /** Says that there is a call to answer, so that this is no moment to load anything ahead. */
  called(): void {
    if (!this.loading) this.idle.refresh();
  }

  /** @throws when the kubeconfig cannot be read. Whether the cluster answers shows with the first request. */
  async cluster(): Promise<Cluster> {
    try {
      return await this.load();
    } catch (error) {
      throw unreachable(error);
    }
  }

  /** Namespace of objects that name none. */
  async defaultNamespace(): Promise<string> {
    if (this.settings.namespace) return this.settings.namespace;
    return this.load().then(
      (cluster) => cluster.namespace,
      () => "default",
    );
  }

  private load(): Promise<Cluster> {
    this.loading ??= this.settings.renderDirectory
      ? Promise.reject(new Error("manifests are rendered to a directory; no cluster is contacted"))
      : Cluster.load(this.settings);
    return this.loading;
  }
}

const isWhatFailed = "configured Kubernetes cluster is unreachable: ";

/** Says of any failure to get to the cluster, once, that the cluster is what failed. */
export function unreachable(error: unknown): UnreachableError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UnreachableError(reason.startsWith(isWhatFailed) ? reason : isWhatFailed + reason);
}
