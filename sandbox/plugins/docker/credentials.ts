import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isObject, type Properties } from "../properties.ts";

/** How to talk to one registry. */
export type Access = {
  /** Address with its scheme, without a path. */
  origin: string;
  /** User and password, where there are any. */
  login?: { username: string; password: string };
};

/**
 * Finds how to talk to a registry: by the provider's registryAuth entry of that host, else by the docker configuration file.
 * The scheme is https, unless the entry's address says http.
 */
export function accessTo(registry: string, registryAuth: Properties[]): Access {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const entry = registryAuth.find(({ address }) => typeof address === "string" && hostOf(address) === registry);
  const scheme = String(entry?.address).startsWith("http://") ? "http" : "https";
  const origin = `${scheme}://${host}`;
  if (entry?.authDisabled === true || entry?.authDisabled === "true") return { origin };
  const { username, password } = entry ?? {};
  if (typeof username === "string" && username !== "")
    return { origin, login: { username, password: String(password) } };
  return { origin, login: loginFromFile(registry, entry ?? {}) };
}

/** Host and port of an address, whatever its form: "http://localhost:5000", "localhost:5000/", "https://index.docker.io/v1/". */
function hostOf(address: string): string {
  const host = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return /^(index\.|registry-1\.|registry\.hub\.)?docker\.(io|com)$/.test(host) ? "docker.io" : host;
}

/** Reads a login that `docker login` stored in the file itself; one that is kept by a credential helper is not seen. */
function loginFromFile(registry: string, entry: Properties): Access["login"] {
  const path = String(entry.configFile ?? join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json"));
  const contents = entry.configFileContent ?? (existsSync(path) ? readFileSync(path, "utf8") : "{}");
  const config = JSON.parse(String(contents)) as unknown;
  const auths = isObject(config) && isObject(config.auths) ? config.auths : {};
  const [, found] = Object.entries(auths).find(([address]) => hostOf(address) === registry) ?? [];
  if (!isObject(found) || typeof found.auth !== "string") return undefined;
  const [username = "", ...password] = Buffer.from(found.auth, "base64").toString().split(":");
  return { username, password: password.join(":") };
}
