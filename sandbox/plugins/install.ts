import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageVersion } from "./version.ts";

/**
 * Puts the docker plugin's stand-in where the engine looks for the plugin, in the version of the npm package. Safe to repeat.
 * Whether the official plugin is there already is for the caller to ask first.
 *
 * @param pulumiHome the folder that PULUMI_HOME names
 * @returns the plugin's folder
 */
export function installDockerPlugin(pulumiHome: string): string {
  const folder = join(pulumiHome, "plugins", `resource-docker-v${packageVersion("docker")}`);
  mkdirSync(folder, { recursive: true });
  const node = fileURLToPath(import.meta.resolve("node/bin/node"));
  const main = fileURLToPath(new URL("docker.ts", import.meta.url));
  const script = [
    "#!/bin/sh",
    "# Stand-in for the official plugin, for the sandbox only.",
    // Compiled code is kept, which halves the time that a plugin takes to start.
    `export NODE_COMPILE_CACHE="\${NODE_COMPILE_CACHE:-${join(resolve(folder), "compiled")}}"`,
    `exec '${node}' '${main}' "$@"`,
    "",
  ].join("\n");
  replaceFile(join(folder, "pulumi-resource-docker"), script, 0o755);
  // The engine runs the program; with this file its own tools (plugin ls) see a plugin in the folder, and this code a stand-in.
  replaceFile(join(folder, "PulumiPlugin.yaml"), "runtime: nodejs\n", 0o644);
  return folder;
}

/** Writes beside the file first: a plugin that is being started meanwhile is either the old one or the new one. */
function replaceFile(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  chmodSync(draft, mode);
  renameSync(draft, path);
}
