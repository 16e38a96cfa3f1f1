import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { load, YAMLException } from "js-yaml";
import { UserError } from "../settings/user-error.ts";

/** How a kubeconfig says that a cluster is reached. */
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

/** What to do in the sandbox where something is missing. */
export const inSandbox = "in the sandbox: npm run up";

/**
 * The entry of a context's cluster.
 *
 * @param kubeconfig path of the file; default: the files of `$KUBECONFIG`, else `~/.kube/config`
 * @throws UserError where a file can't be read, or none has that context; it names those that there are
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
  const known = contexts.map(({ name }) => name).join(", ") || "none";
  throw new UserError(
    `slipway:cluster.context is ${context}, which ${paths.join(", ")} does not have (it has: ${known}); nothing was changed.\n` +
      `  Name one of those, or the file that has it in slipway:cluster.kubeconfig or $KUBECONFIG; ${inSandbox}\n`,
  );
}

/** Host and port of an API server. */
export function addressOf({ server }: ClusterEntry): string {
  const { hostname, port, protocol } = new URL(server);
  return `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
}

/** By js-yaml, which every preview loads in a quarter of the time that yaml takes; the comments that yaml keeps are of no use here. */
function readKubeconfig(path: string): Kubeconfig {
  try {
    return load(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    // The parser's own message shows the lines around, which may hold a key.
    const reason =
      error instanceof YAMLException
        ? `not YAML: ${error.reason}, line ${(error.mark?.line ?? 0) + 1}`
        : (error as Error).message;
    throw new UserError(
      `the kubeconfig ${path} cannot be read; nothing was changed.\n  ${reason}\n` +
        `  Mend it, or name another in slipway:cluster.kubeconfig or $KUBECONFIG; ${inSandbox}\n`,
    );
  }
}
