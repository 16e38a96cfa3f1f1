import { registerHooks } from "node:module";

/** Marks the modules that are loaded for this alone, beside those of a client that is loaded whole. */
const alone = "?kubeconfig";

const module = (source: string) => `data:text/javascript,${source}`;

/** In place of the client's calls and objects, and of the agents for its requests: ours go their own way, and past any proxy. */
const replaced: Readonly<Record<string, string>> = {
  "./gen/index.js": module("export const [createConfiguration, ServerConfiguration] = [];"),
  undici: module("export class Agent {} export class ProxyAgent {}"),
  socks: module("export class SocksClient {}"),
  "socks-proxy-agent": module("export class SocksProxyAgent {}"),
  hpagent: module("export class HttpProxyAgent {} export class HttpsProxyAgent {}"),
};

/**
 * Loads what reads kubeconfigs and asks for credentials from the official client, without its classes of calls and objects, and without
 * agents: more than a thousand modules, which take most of the time that loading it takes, and nothing of which is wanted where any kind of
 * object goes the same way.
 */
export async function loadKubeConfig(): Promise<typeof import("@kubernetes/client-node/dist/config.js").KubeConfig> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (!context.parentURL?.endsWith(alone)) return next(specifier, context);
      const url = replaced[specifier];
      if (url) return { url, shortCircuit: true };
      if (!specifier.startsWith("./")) return next(specifier, context);
      const resolved = next(specifier, context);
      return { ...resolved, url: resolved.url + alone };
    },
  });
  try {
    return (await import(`@kubernetes/client-node/dist/config.js${alone}`)).KubeConfig;
  } finally {
    hooks.deregister();
  }
}
