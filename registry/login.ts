import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../settings/run-program.ts";

/** User and password for a registry. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

interface DockerConfig {
  auths?: Record<string, { auth?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

/**
 * What `docker login` left for a registry: in its file, or with the credential helper that the file names.
 *
 * @param host of the registry, with its port where it has one; of Docker Hub, the address that `docker login` uses for it
 * @returns undefined where there is none, which is enough for an open registry
 */
export async function dockerLogin(host: string, env = process.env): Promise<Login | undefined> {
  const path = join(env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
  if (!existsSync(path)) return undefined;
  const { auths = {}, credHelpers = {}, credsStore }: DockerConfig = JSON.parse(readFileSync(path, "utf8"));
  const helper = credHelpers[host] ?? credsStore;
  if (helper !== undefined) return fromHelper(helper, host, env);
  const [, found] = Object.entries(auths).find(([address]) => hostOf(address) === hostOf(host)) ?? [];
  if (found?.auth === undefined) return undefined;
  const [username = "", ...password] = Buffer.from(found.auth, "base64").toString().split(":");
  return { username, password: password.join(":") };
}

/** As in `https://registry.example.com/v1/`. */
const hostOf = (address: string): string => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

async function fromHelper(helper: string, host: string, env: NodeJS.ProcessEnv): Promise<Login | undefined> {
  try {
    const answer = await runProgram(`docker-credential-${helper}`, ["get"], { env, input: host, timeout: 15_000 });
    const { Username, Secret } = JSON.parse(answer);
    return { username: Username, password: Secret };
  } catch {
    // What it says of a registry that it does not know differs from helper to helper; the registry's refusal is clearer.
    return undefined;
  }
}
