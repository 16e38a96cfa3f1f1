import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isObject, type Properties } from "../properties.ts";

/** The provider's settings, with the defaults of the official plugin. */
export type Settings = {
  /** Path or contents of a kubeconfig; undefined for $KUBECONFIG or ~/.kube/config. */
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  /** Namespace of objects that name none. Default: that of the context, or "default". */
  namespace?: string;
  configMapsMutable: boolean;
  secretsMutable: boolean;
  /** Take over fields that other managers own, on every object. */
  patchForce: boolean;
  /** Forget objects of a cluster that cannot be reached. */
  deleteUnreachable: boolean;
  /** Write manifests here and contact no cluster. */
  renderDirectory?: string;
};

/**
 * Reads the settings from what the engine passes to Configure; the PULUMI_K8S_* variables stand in for what is not there.
 * @throws for settings that only the official plugin supports
 */
export function readSettings(args: Properties, environment: NodeJS.ProcessEnv = process.env): Settings {
  const flag = (name: string, variable: string, otherwise: boolean) => {
    const value = text(args[name]) ?? environment[variable];
    return value === undefined ? otherwise : value === "true";
  };
  if (!flag("enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", true)) {
    throw new Error("the sandbox's stand-in for the kubernetes plugin supports server-side apply only");
  }
  return {
    kubeconfig: text(args.kubeconfig),
    context: text(args.context),
    cluster: text(args.cluster),
    namespace: text(args.namespace),
    configMapsMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", false),
    secretsMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE", false),
    patchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE", false),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE", false),
    renderDirectory: text(args.renderYamlToDirectory),
  };
}

/** Settings that make no sense together, as failures by property. */
export function conflictingSettings(args: Properties): { property: string; reason: string }[] {
  if (!text(args.renderYamlToDirectory)) return [];
  return ["cluster", "context", "kubeconfig"]
    .filter((property) => text(args[property]))
    .map((property) => ({
      property,
      reason: `"${property}" arg is not compatible with "renderYamlToDirectory" arg`,
    }));
}

/**
 * Which changed settings mean another cluster, so that every object has to be made again: another place to render to, or
 * another active cluster. The same cluster in a kubeconfig at another path is no such change.
 */
export async function replacingSettings(old: Properties, args: Properties): Promise<string[]> {
  const isChanged = (name: string) => !isDeepStrictEqual(old[name], args[name]);
  if (isChanged("renderYamlToDirectory")) return ["renderYamlToDirectory"];
  if (text(args.clusterIdentifier) && text(old.clusterIdentifier)) {
    return isChanged("clusterIdentifier") ? ["clusterIdentifier"] : [];
  }
  const named = ["kubeconfig", "context", "cluster"].filter(isChanged);
  if (named.length === 0) return [];
  const [before, after] = [await activeCluster(old), await activeCluster(args)];
  return before === undefined || after === undefined || before === after ? [] : named;
}

/** A path that may begin with `~`, as it is. */
export const inHome = (path: string): string => path.replace(/^~(?=$|\/)/, homedir());

/** The contents of a kubeconfig that is given as path or contents; undefined when there is no such file. */
export function kubeconfigContents(pathOrContents: string): string | undefined {
  const path = inHome(pathOrContents);
  if (!path.includes("\n") && existsSync(path)) return readFileSync(path, "utf8");
  return pathOrContents.includes(":") && !/^[^\s:]*\/[^\s:]*$/.test(pathOrContents) ? pathOrContents : undefined;
}

/** Where kubectl would look: the first file of $KUBECONFIG, or ~/.kube/config. */
export function defaultKubeconfig(environment: NodeJS.ProcessEnv = process.env): string {
  return environment.KUBECONFIG?.split(":").find((path) => path !== "") ?? join(homedir(), ".kube", "config");
}

async function activeCluster(args: Properties): Promise<string | undefined> {
  try {
    const { parse } = await import("yaml");
    const config = parse(kubeconfigContents(text(args.kubeconfig) ?? defaultKubeconfig()) ?? "") as unknown;
    if (!isObject(config)) return undefined;
    const contextName = text(args.context) ?? config["current-context"];
    const context = byName(config.contexts, contextName)?.context;
    const cluster = text(args.cluster) ?? (isObject(context) ? context.cluster : undefined);
    return JSON.stringify(byName(config.clusters, cluster)?.cluster);
  } catch {
    return undefined;
  }
}

function byName(list: unknown, name: unknown): Properties | undefined {
  return Array.isArray(list) ? list.find((item) => isObject(item) && item.name === name) : undefined;
}

/** A setting as text. The engine hands over booleans as "true" and "false"; an empty text counts as not set. */
function text(value: unknown): string | undefined {
  if (typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
