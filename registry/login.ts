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

/** Folder of Docker's own settings. */
export const dockerFolder = (env = process.env): string => env.DOCKER_CONFIG ?? join(homedir(), ".docker");

/**
 * Reads the login that `docker login` stored for a registry: in its file, or with the credential helper that the file names.
 *
 * @param host of the registry, with its port if there is one; for Docker Hub, the address that `docker login` uses for it
 * @returns undefined if there is none, as for a public registry
 */
export async function dockerLogin(host: string, env = process.env): Promise<Login | undefined> {
  const path = join(dockerFolder(env), "config.json");
  if (!existsSync(path)) return undefined;
  const { auths = {}, credHelpers = {}, credsStore }: DockerConfig = JSON.parse(readFileSync(path, "utf8"));
  const helper = credHelpers[host] ?? credsStore;
  if (helper !== undefined) return askHelper(helper, host, env);
  const [, entry] = Object.entries(auths).find(([address]) => hostOf(address) === hostOf(host)) ?? [];
  if (entry?.auth === undefined) return undefined;
  const [username = "", ...password] = Buffer.from(entry.auth, "base64").toString().split(":");
  return { username, password: password.join(":") };
}

/** Host of an address such as `https://registry.example.com/v1/`. */
const hostOf = (address: string): string => address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");

async function askHelper(helper: string, host: string, env: NodeJS.ProcessEnv): Promise<Login | undefined> {
  try {
    const answer = await runProgram(`docker-credential-${helper}`, ["get"], { env, input: host, timeout: 15_000 });
    const { Username, Secret } = JSON.parse(answer);
    return { username: Username, password: Secret };
  } catch {
    // Helpers differ in how they report an unknown registry; the registry's own refusal is clearer.
    return undefined;
  }
}
