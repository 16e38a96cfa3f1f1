import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageVersion } from "./version.ts";

/**
 * Installs the substitute for the docker plugin, in the version of the npm package. Idempotent. It does not check if the official
 * plugin is installed.
 *
 * @param pulumiHome folder that PULUMI_HOME names
 * @returns folder of the plugin
 */
export function installDockerPlugin(pulumiHome: string): string {
  const folder = join(pulumiHome, "plugins", `resource-docker-v${packageVersion("docker")}`);
  mkdirSync(folder, { recursive: true });
  const node = fileURLToPath(import.meta.resolve("node/bin/node"));
  const main = fileURLToPath(new URL("docker.ts", import.meta.url));
  const script = [
    "#!/bin/sh",
    "# Substitute for the official plugin, for the sandbox only.",
    // Caching compiled code halves the start time.
    `export NODE_COMPILE_CACHE="\${NODE_COMPILE_CACHE:-${join(resolve(folder), "compiled")}}"`,
    `exec '${node}' '${main}' "$@"`,
    "",
  ].join("\n");
  replaceFile(join(folder, "pulumi-resource-docker"), script, 0o755);
  // `pulumi plugin ls` needs this file, and pulumi-parts.ts knows the substitute by it.
  replaceFile(join(folder, "PulumiPlugin.yaml"), "runtime: nodejs\n", 0o644);
  return folder;
}

/** Replaces a file in one step, because an engine may start the plugin meanwhile. */
function replaceFile(path: string, text: string, mode: number): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  chmodSync(draft, mode);
  renameSync(draft, path);
}
