import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { load, YAMLException } from "js-yaml";
import { UserError } from "../settings/user-error.ts";

/** Cluster entry of a kubeconfig. */
export interface ClusterEntry {
  readonly server: string;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "proxy-url"?: string;
}

interface Kubeconfig {
  contexts?: { name: string; context: { cluster: string } }[];
  clusters?: { name: string; cluster: ClusterEntry }[];
}

/** Remedy in the sandbox for anything that is missing. */
export const inSandbox = "in the sandbox: npm run up";

/**
 * Finds the entry of a context's cluster.
 *
 * @param kubeconfig path of the file @default the files of `$KUBECONFIG`, else `~/.kube/config`
 * @throws UserError if a file cannot be read, or no file has the context
 */
export function clusterEntry(
  { context, kubeconfig }: { context: string; kubeconfig?: string },
  env: NodeJS.ProcessEnv,
): ClusterEntry {
  const paths = (kubeconfig ?? env.KUBECONFIG ?? join(homedir(), ".kube", "config")).split(delimiter).filter(Boolean);
  const files = paths.filter((path) => existsSync(path)).map(readKubeconfig);
  const contexts = files.flatMap((file) => file.contexts ?? []);
  const name = contexts.find((each) => each.name === context)?.context.cluster;
  const entry = files.flatMap((file) => file.clusters ?? []).find((each) => each.name === name)?.cluster;
  if (entry?.server) return entry;
  const names = contexts.map(({ name }) => name).join(", ") || "none";
  throw new UserError(
    `slipway:cluster.context is ${context}, which ${paths.join(", ")} does not have (it has: ${names}); nothing was changed.\n` +
      `  Name one of those, or the file that has it in slipway:cluster.kubeconfig or $KUBECONFIG; ${inSandbox}\n`,
  );
}

/** Host and port of an API server. */
export function addressOf({ server }: ClusterEntry): string {
  const { hostname, port, protocol } = new URL(server);
  return `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
}

/**
 * Parses a kubeconfig with js-yaml, the parser of `@kubernetes/client-node`, and not with that client: every preview does
 * this. Loading the client takes 560 ms of CPU time, its module `dist/config.js` 520 ms, js-yaml 7 ms, yaml 25 ms
 * (the least of eleven runs; Node 24.21, client 2.0.1, js-yaml 5.5.0). An unchanged preview never loads the client.
 */
function readKubeconfig(path: string): Kubeconfig {
  try {
    return load(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    // The parser's own message quotes the lines around the error, which may hold a key.
    const reason =
      error instanceof YAMLException
        ? `not YAML: ${error.reason}, line ${(error.mark?.line ?? 0) + 1}`
        : (error as Error).message;
    throw new UserError(
      `the kubeconfig ${path} cannot be read; nothing was changed.\n  ${reason}\n` +
        `  Correct it, or name another in slipway:cluster.kubeconfig or $KUBECONFIG; ${inSandbox}\n`,
    );
  }
}
