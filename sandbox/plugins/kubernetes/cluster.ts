import type { Agent } from "node:http";
import type { RequestOptions } from "node:https";
import { dirname } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { http, https } from "../http.ts";
import { answerTimeoutMs, exchange, RefusedError } from "./exchange.ts";
import { loadKubeConfig } from "./kubeconfig.ts";
import { apiVersionOf, isNamespaced, type Kind, type KubernetesObject, kindOf } from "./object.ts";
import { defaultKubeconfig, inHome, kubeconfigContents, type Settings } from "./settings.ts";

/** The server has no such kind: its CustomResourceDefinition is not there (yet). */
export class UnknownKindError extends Error {}

type Request = {
  method?: string;
  body?: unknown;
  contentType?: string;
  query?: { [name: string]: string | undefined };
};
type Place = { resource: string; namespaced: boolean };

/** A connection to one API server: kept alive, shared by all operations, with its answers about kinds remembered. */
export class Cluster {
  /** Namespace of objects that name none. */
  readonly namespace: string;
  private readonly config: KubeConfig;
  private readonly server: URL;
  private readonly places = new Map<string, Promise<Map<string, Place>>>();
  private agent: Agent | undefined;

  constructor(config: KubeConfig, server: URL, namespace: string) {
    this.config = config;
    this.server = server;
    this.namespace = namespace;
  }

  /**
   * Reads the kubeconfig. Contacts nothing.
   * @throws when there is no kubeconfig, or not the context or cluster that the settings name
   */
  static async load(settings: Settings): Promise<Cluster> {
    const config = new (await loadKubeConfig())();
    const source = settings.kubeconfig ?? defaultKubeconfig();
    const contents = kubeconfigContents(source);
    if (contents === undefined) throw new Error(`there is no kubeconfig at ${source}`);
    try {
      config.loadFromString(contents);
    } catch (error) {
      // The parser's message shows the lines around, which may hold a key.
      const { reason, mark } = error as { reason?: string; mark?: { line: number } };
      throw new Error(`the kubeconfig is not YAML${reason ? `: ${reason}, line ${(mark?.line ?? 0) + 1}` : ""}`);
    }
    if (contents !== source) config.makePathsAbsolute(dirname(inHome(source)));
    if (settings.context) config.setCurrentContext(settings.context);
    const context = config.getContextObject(config.getCurrentContext());
    if (!context) {
      const known = config.getContexts().map(({ name }) => name);
      const wanted = config.getCurrentContext() || "(none is current)";
      throw new Error(`the kubeconfig has no context ${wanted}; it has: ${known.join(", ") || "none"}`);
    }
    if (settings.cluster) {
      config.contexts = config
        .getContexts()
        .map((each) => (each.name === context.name ? { ...each, cluster: settings.cluster ?? each.cluster } : each));
    }
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error(`the kubeconfig has no cluster ${settings.cluster ?? context.cluster}`);
    return new Cluster(config, new URL(cluster.server), settings.namespace ?? context.namespace ?? "default");
  }

  /** Address of the API server, for messages. */
  get address(): string {
    return this.server.href.replace(/\/$/, "");
  }

  /** Whether a kind lives in a namespace. Asks the server only about kinds that are not Kubernetes' own. */
  async isNamespaced(kind: Kind): Promise<boolean> {
    return isNamespaced(kind) ?? (await this.place(kind)).namespaced;
  }

  /** Reads an object. @returns undefined when it is not there */
  async get(kind: Kind, name: string, namespace?: string): Promise<KubernetesObject | undefined> {
    return absentAsUndefined(this.request<KubernetesObject>(await this.path(kind, namespace, name)));
  }

  /** Lists objects of a kind in a namespace. @param labelSelector as kubectl's -l */
  async list(kind: Kind, namespace: string | undefined, labelSelector?: string): Promise<KubernetesObject[]> {
    const path = await this.path(kind, namespace);
    const { items } = await this.request<{ items: KubernetesObject[] }>(path, { query: { labelSelector } });
    return items.map((item) => ({ ...item, apiVersion: apiVersionOf(kind), kind: kind.kind }));
  }

  /** Applies an object by server-side apply, creating it if need be. @returns the object as the server has it now */
  async apply(
    object: KubernetesObject,
    options: { manager: string; force: boolean; dryRun: boolean },
  ): Promise<KubernetesObject> {
    const { name = "", namespace } = object.metadata;
    return this.request<KubernetesObject>(await this.path(kindOf(object), namespace, name), {
      method: "PATCH",
      body: object,
      contentType: "application/apply-patch+yaml",
      query: {
        fieldManager: options.manager,
        force: String(options.force),
        dryRun: options.dryRun ? "All" : undefined,
        fieldValidation: "Warn",
      },
    });
  }

  /** Asks for an object's deletion; it may take a while to go. One that is gone already is fine. */
  async remove(kind: Kind, name: string, namespace: string | undefined, propagationPolicy: string): Promise<void> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
    const path = await this.path(kind, namespace, name);
    await absentAsUndefined(this.request(path, { method: "DELETE", body, contentType: "application/json" }));
  }

  private async path(kind: Kind, namespace: string | undefined, name?: string): Promise<string> {
    const { resource, namespaced } = await this.place(kind);
    const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace ?? this.namespace)}` : "";
    return `${groupPath(kind)}${scope}/${resource}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
  }

  private async place(kind: Kind): Promise<Place> {
    const group = groupPath(kind);
    const known = this.places.get(group) ?? this.discover(group);
    this.places.set(group, known);
    const place = (await known.catch(() => undefined))?.get(kind.kind);
    if (place) return place;
    // A kind that is not there may come with a CustomResourceDefinition in the same update: ask again next time.
    this.places.delete(group);
    await known;
    throw new UnknownKindError(`the API server has no kind ${kind.kind} in ${apiVersionOf(kind)}`);
  }

  private async discover(group: string): Promise<Map<string, Place>> {
    const found = await absentAsUndefined(
      this.request<{ resources: { name: string; kind: string; namespaced: boolean }[] }>(group),
    );
    const resources = (found?.resources ?? []).filter(({ name }) => !name.includes("/"));
    return new Map(resources.map(({ name, kind, namespaced }) => [kind, { resource: name, namespaced }]));
  }

  private async request<T>(path: string, request: Request = {}): Promise<T> {
    const url = new URL(this.server.href.replace(/\/$/, "") + path);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, value);
    }
    const options: RequestOptions = { method: request.method ?? "GET", timeout: answerTimeoutMs };
    // Credentials are asked for each time, since a command that makes tokens may make a new one; the agent is ours.
    await this.config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    this.agent ??=
      url.protocol === "http:"
        ? new http.Agent({ keepAlive: true })
        : new https.Agent({ keepAlive: true, ca, cert, key, rejectUnauthorized, servername });
    options.agent = this.agent;
    options.headers = { ...options.headers, accept: "application/json", "user-agent": "slipway-sandbox" };
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    if (body) {
      const length = Buffer.byteLength(body);
      options.headers = { ...options.headers, "content-type": request.contentType, "content-length": length };
    }
    return (await exchange(url, options, body)) as T;
  }
}

function groupPath({ group, version }: Kind): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

async function absentAsUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return undefined;
    throw error;
  }
}
