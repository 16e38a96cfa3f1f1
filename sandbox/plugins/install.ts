import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageVersion } from "./version.ts";

/** The plugins that have a stand-in here. */
export type StandIn = "kubernetes" | "docker";

/**
 * Puts a stand-in where the engine looks for the plugin of that name, in the version of the installed npm package. Repeating
 * it changes nothing. Whether the official plugin is there already is for the caller to ask first.
 * @param pulumiHome the folder that PULUMI_HOME names
 * @returns the plugin's folder
 */
export function installPlugin(name: StandIn, pulumiHome: string): string {
  const folder = join(pulumiHome, "plugins", `resource-${name}-v${packageVersion(name)}`);
  mkdirSync(folder, { recursive: true });
  const node = fileURLToPath(import.meta.resolve("node/bin/node"));
  const main = fileURLToPath(new URL(`${name}/main.ts`, import.meta.url));
  const script = [
    "#!/bin/sh",
    "# Stand-in for the official plugin, for the sandbox alone.",
    // Compiled code is kept, which halves the time that a plugin takes to start.
    `export NODE_COMPILE_CACHE="\${NODE_COMPILE_CACHE:-${join(resolve(folder), "compiled")}}"`,
    `exec '${node}' '${main}' "$@"`,
    "",
  ].join("\n");
  replaceFile(join(folder, `pulumi-resource-${name}`), script, 0o755);
  // The engine runs the executable; this file lets its own tools (plugin ls, package add) see a plugin in the folder.
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
