import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { addressOf, clusterEntry, inSandbox } from "../cluster/kubeconfig.ts";
import { parseReference } from "../image/reference.ts";
import { dockerFolder } from "../registry/login.ts";
import { ImageRepository } from "../registry/repository.ts";
import { installSyft } from "../registry/sbom.ts";
import type { Settings } from "../settings/schema.ts";
import { UserError } from "../settings/user-error.ts";

/** A service that an operation needs. */
interface Service {
  readonly name: string;
  /** `host:port`, or the path of a socket. */
  readonly address: string;
  /** What to do if it does not answer. */
  readonly remedy: string;
}

/**
 * Checks that registry, builder and cluster answer, and that syft is installed if a release is to be listed.
 *
 * @param key content key of the image to build. An image that is pushed already needs no builder, and a release that is
 *   pushed already needs no syft.
 * @throws UserError with each one that is missing, its address and what to start
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
  // A cluster in Amazon EKS may not exist yet; the check of the account says who may not reach it.
  const cluster = settings.cluster.eks ? undefined : clusterOf(settings.cluster, env);
  const problemsOf = async (service?: Service) => {
    const reason = service && (await silence(service.address));
    return reason ? [`  ${service.name} at ${service.address}: ${reason}\n    ${service.remedy}`] : [];
  };
  const [ofCluster = [], ofRegistry = [], ofBuilder = []] = await Promise.all(
    [cluster, registryOf(repository), builder].map(problemsOf),
  );
  const problems = [...ofCluster, ...ofRegistry];
  if (key && ofBuilder.length > 0 && !(await isPushed(repository, key))) problems.push(...ofBuilder);
  if (build && name && !isOnPath("syft", env) && !(await isPushed(repository, name)))
    problems.push(`  syft, which lists what is in ${name}: not on the PATH\n    ${installSyft}`);
  if (problems.length > 0) throw new UserError(`out of reach; nothing was changed.\n\n${problems.join("\n")}\n`);
}

function registryOf(repository: string): Service {
  const { host } = parseReference(repository);
  const address = host.includes(":") ? host : `${host}:443`;
  return { name: "registry", address, remedy: `start it, or name another in slipway:release.repository; ${inSandbox}` };
}

/** Checks whether the registry has an image with that tag. @returns false if that is not known */
const isPushed = (repository: string, tag: string): Promise<boolean> =>
  new ImageRepository(repository).manifest(tag).then(
    (manifest) => manifest !== undefined,
    () => false,
  );

const isOnPath = (program: string, { PATH = "" }: NodeJS.ProcessEnv): boolean =>
  PATH.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));

/** The API server of a context. @returns undefined behind a proxy, which has its own way there */
function clusterOf(cluster: { context: string; kubeconfig?: string }, env: NodeJS.ProcessEnv): Service | undefined {
  const entry = clusterEntry(cluster, env);
  if (entry["proxy-url"]) return undefined;
  return {
    name: `cluster ${cluster.context}`,
    address: addressOf(entry),
    remedy: `start it, or check the context; ${inSandbox}`,
  };
}

/** A remote builder. @returns undefined for any other: the container engine or the cluster starts it */
function builderOf(name: string | undefined, env: NodeJS.ProcessEnv): Service | undefined {
  const folder = env.BUILDX_CONFIG ?? join(dockerFolder(env), "buildx");
  const selected = readJson<{ Name?: string }>(join(folder, "current"))?.Name;
  const instance = readJson<{ Driver?: string; Nodes?: { Endpoint?: string }[] }>(
    join(folder, "instances", name ?? selected ?? ""),
  );
  const endpoint = instance?.Driver === "remote" ? instance.Nodes?.[0]?.Endpoint : undefined;
  // The other schemes are no sockets: https://docs.docker.com/build/builders/drivers/remote/
  const [, address] = /^(?:unix|tcp):\/\/(.+)/.exec(endpoint ?? "") ?? [];
  if (!address) return undefined;
  return {
    name: `builder ${name ?? selected}`,
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

/** Tries to connect. @returns the reason why nothing answers; undefined if something does */
function silence(address: string): Promise<string | undefined> {
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
