import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { addressOf, clusterEntry, inSandbox } from "../cluster/kubeconfig.ts";
import { dockerFolder } from "../registry/login.ts";
import { ImageRepository } from "../registry/repository.ts";
import { installSyft } from "../registry/sbom.ts";
import type { Settings } from "../settings/schema.ts";
import { UserError } from "../settings/user-error.ts";

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
 * @throws UserError that names each one that does not, its address and what to start
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
  const unlisted = build && name && !isOnPath("syft", env) && !(await isPushed(repository, name));
  const lines = silent.map(
    ({ what, address, reason, remedy }) => `  ${what} at ${address}: ${reason}
    ${remedy}`,
  );
  if (unlisted) lines.push(`  syft, which lists what is in ${name}: not on the PATH\n    ${installSyft}`);
  if (lines.length === 0) return;
  throw new UserError(`out of reach; nothing was changed.\n\n${lines.join("\n")}\n`);
}

function registryOf(repository: string): Needed {
  const host = repository.split("/")[0] ?? "";
  const address = host.includes(":") ? host : `${host}:443`;
  return { what: "registry", address, remedy: `start it, or name another in slipway:release.repository; ${inSandbox}` };
}

/** Whether the registry has an image with that tag; false if that is not known. */
const isPushed = (repository: string, tag: string): Promise<boolean> =>
  new ImageRepository(repository).manifest(tag).then(
    (manifest) => manifest !== undefined,
    () => false,
  );

const isOnPath = (program: string, { PATH = "" }: NodeJS.ProcessEnv): boolean =>
  PATH.split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));

/** The API server of a context; undefined where it is reached through a proxy, whose way there is its own. */
function clusterOf(cluster: { context: string; kubeconfig?: string }, env: NodeJS.ProcessEnv): Needed | undefined {
  const entry = clusterEntry(cluster, env);
  if (entry["proxy-url"]) return undefined;
  return {
    what: `cluster ${cluster.context}`,
    address: addressOf(entry),
    remedy: `start it, or check the context; ${inSandbox}`,
  };
}

/** A remote BuildKit may have an address of its own; any other builder is the container engine's or the cluster's to start. */
function builderOf(name: string | undefined, env: NodeJS.ProcessEnv): Needed | undefined {
  const folder = env.BUILDX_CONFIG ?? join(dockerFolder(env), "buildx");
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
