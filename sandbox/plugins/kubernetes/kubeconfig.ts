import { registerHooks } from "node:module";

/** Marks the modules that are loaded for this alone, beside those of a client that is loaded whole. */
const alone = "?kubeconfig";

/** In place of the client's calls and objects. */
const noCalls = "data:text/javascript,export const [createConfiguration, ServerConfiguration] = [];";

/**
 * Loads what reads kubeconfigs and asks for credentials from the official client, without its classes of calls and objects: a
 * thousand modules, which take most of the time that loading it takes, and nothing of which is wanted where any kind of object goes the same way.
 */
export async function loadKubeConfig(): Promise<typeof import("@kubernetes/client-node/dist/config.js").KubeConfig> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (!context.parentURL?.endsWith(alone) || !specifier.startsWith("./")) return next(specifier, context);
      if (specifier === "./gen/index.js") return { url: noCalls, shortCircuit: true };
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
