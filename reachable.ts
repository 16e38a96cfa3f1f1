import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { load, YAMLException } from "js-yaml";
import { clusterName } from "./components/aws/cluster-name.ts";
import { isLocal } from "./components/records/registry.ts";
import { howToInstall, lister } from "./components/records/sbom.ts";
import type { Settings } from "./schema.ts";

/** Something that an operation needs, and where it listens: `host:port`, or the path of a socket. */
export interface Needed {
  readonly what: string;
  readonly address: string;
  /** What to do where nobody answers there. */
  readonly remedy: string;
}

/**
 * Makes sure that registry, builder and cluster answer, before anything is changed, and that the program is there that lists
 * what is in a release.
 *
 * @param key content key of the image to build; an image that the registry has already needs no builder, and one that has
 *   its name there no list
 * @throws pulumi.RunError that names each one that does not, its address and what to start
 */
export async function checkReachable(
  settings: {
    cluster: Settings["cluster"] | { context: string; kubeconfig?: string; eks?: undefined };
    release: { repository: string; name?: string; build?: { context: string; builder?: string } };
  },
  key?: string,
  env = process.env,
): Promise<void> {
  const { repository, name, build } = settings.release;
  const builder = build && key ? builderOf(build.builder, env) : undefined;
  const needed = [
    // A cluster of Amazon's may be still to be made; who may not reach it is told by the account.
    settings.cluster.eks ? undefined : clusterOf(settings.cluster, env),
    registryOf(repository),
    builder,
  ].filter((one) => one !== undefined);
  const answers = await Promise.all(needed.map(async (one) => ({ ...one, reason: await refusal(one.address) })));
  let silent = answers.filter(({ reason }) => reason !== undefined);
  const isBuilder = ({ what }: Needed) => what === builder?.what;
  if (key && silent.some(isBuilder) && (await isPushed(repository, key)))
    silent = silent.filter((one) => !isBuilder(one));
  const unlisted = build && name && !isOnPath(lister, env) && !(await isPushed(repository, name));
  const lines = silent.map(
    ({ what, address, reason, remedy }) => `  ${what} at ${address}: ${reason}
    ${remedy}`,
  );
  if (unlisted) lines.push(`  ${lister}, which lists what is in ${name}: not on the PATH\n    ${howToInstall}`);
  if (lines.length === 0) return;
  throw new pulumi.RunError(`out of reach; nothing was changed.\n\n${lines.join("\n")}\n`);
}

const inSandbox = "in the sandbox: npm run up";

function registryOf(repository: string): Needed {
  const host = repository.split("/")[0] ?? "";
  const address = host.includes(":") ? host : `${host}:443`;
  return { what: "registry", address, remedy: `start it, or name another in slipway:release.repository; ${inSandbox}` };
}

/** Whether the registry has an image with that tag; no where it can't be told without credentials. */
async function isPushed(repository: string, tag: string): Promise<boolean> {
  const [host = "", ...path] = repository.split("/");
  const scheme = isLocal(host) ? "http" : "https";
  const accept = ["application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"];
  try {
    const response = await fetch(`${scheme}://${host}/v2/${path.join("/")}/manifests/${tag}`, {
      method: "HEAD",
      headers: { accept: accept.join(", ") },
      signal: AbortSignal.timeout(5000),
    });
    return response.ok;
  } catch {
    return false;
  }
}

const isOnPath = (program: string, { PATH = "" }: NodeJS.ProcessEnv): boolean =>
  PATH.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));

interface Kubeconfig {
  contexts?: { name: string; context: { cluster: string } }[];
  clusters?: { name: string; cluster: { server: string; "proxy-url"?: string } }[];
}

/** The API server of a context; undefined where it is reached through a proxy, whose way there is its own. */
function clusterOf(
  { context, kubeconfig }: { context: string; kubeconfig?: string },
  env: NodeJS.ProcessEnv,
): Needed | undefined {
  const paths = (kubeconfig ?? env.KUBECONFIG ?? join(homedir(), ".kube", "config")).split(delimiter).filter(Boolean);
  const files = paths.filter((path) => existsSync(path)).map(readKubeconfig);
  const contexts = files.flatMap((file) => file.contexts ?? []);
  const found = contexts.find(({ name }) => name === context)?.context.cluster;
  const cluster = files.flatMap((file) => file.clusters ?? []).find(({ name }) => name === found)?.cluster;
  if (cluster?.["proxy-url"]) return undefined;
  const server = cluster?.server;
  if (!server) {
    const known = contexts.map(({ name }) => name).join(", ") || "none";
    throw new pulumi.RunError(
      `slipway:cluster.context is ${context}, which ${paths.join(", ")} does not have (it has: ${known}); nothing was changed.\n` +
        `  Name one of those, or the file that has it in slipway:cluster.kubeconfig or $KUBECONFIG; ${inSandbox}\n`,
    );
  }
  const { hostname, port, protocol } = new URL(server);
  const address = `${hostname}:${port || (protocol === "http:" ? 80 : 443)}`;
  return { what: `cluster ${context}`, address, remedy: `start it, or check the context; ${inSandbox}` };
}

/** What tells a stack's cluster from every other; undefined where only its proxy knows. @throws as `checkReachable` */
export const clusterIdentity = (cluster: Settings["cluster"], env = process.env): string | undefined =>
  cluster.eks
    ? `${cluster.eks.account}/${clusterName(cluster.eks, pulumi.getProject(), pulumi.getStack())}`
    : clusterOf(cluster, env)?.address;

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
    throw new pulumi.RunError(
      `the kubeconfig ${path} cannot be read; nothing was changed.\n  ${reason}\n` +
        `  Mend it, or name another in slipway:cluster.kubeconfig or $KUBECONFIG; ${inSandbox}\n`,
    );
  }
}

/** A remote BuildKit may have an address of its own; any other builder is the container engine's or the cluster's to start. */
function builderOf(name: string | undefined, env: NodeJS.ProcessEnv): Needed | undefined {
  const folder = env.BUILDX_CONFIG ?? join(env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "buildx");
  const selected = readJson<{ Name?: string }>(join(folder, "current"))?.Name;
  const instance = readJson<{ Driver?: string; Nodes?: { Endpoint?: string }[] }>(
    join(folder, "instances", name ?? selected ?? ""),
  );
  const endpoint = instance?.Driver === "remote" ? instance.Nodes?.[0]?.Endpoint : undefined;
  // Of the other ways, https://docs.docker.com/build/builders/drivers/remote/, none is a socket.
  const [, address] = /^(?:unix|tcp):\/\/(.+)/.exec(endpoint ?? "") ?? [];
  if (!address) return undefined;
  return {
    what: `builder ${name ?? selected}`,
    address,
    remedy: `start its buildkitd, or name another in slipway:release.build.builder; ${inSandbox}`,
  };
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Why nobody answers at an address; undefined where somebody does. */
function refusal(address: string): Promise<string | undefined> {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  const socket = address.startsWith("/") ? connect(address) : connect(Number(port), host.replace(/^\[|\]$/g, ""));
  return new Promise((resolve) => {
    const answer = (reason?: string) => {
      socket.destroy();
      resolve(reason);
    };
    socket.setTimeout(5000, () => answer("no answer within 5 seconds"));
    socket.once("connect", () => answer());
    socket.once("error", (error: NodeJS.ErrnoException) => answer(reasons[error.code ?? ""] ?? error.message));
  });
}

const reasons: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ENOENT: "no such socket",
  ENOTFOUND: "no such host",
  EHOSTUNREACH: "no route to it",
};
