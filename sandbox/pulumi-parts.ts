import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { attempt, run } from "./command.ts";
import { ensureCompiled, isCompiled } from "./compile.ts";
import { findProgram } from "./debian-packages.ts";
import { type CompiledPart, dockerBuildPart, kubernetesPluginPart, pulumiPart } from "./parts.ts";
import { environment, paths, repository } from "./paths.ts";
import { installDockerPlugin } from "./plugins/install.ts";
import { packageVersion } from "./plugins/version.ts";
import { phase, say } from "./progress.ts";

const plugins = ["kubernetes", "docker", "docker-build"] as const;
type PluginName = (typeof plugins)[number];

/** Plugins that can be compiled; docker's is in no package registry. */
const compiledPlugins: Partial<Record<PluginName, CompiledPart>> = {
  kubernetes: kubernetesPluginPart,
  "docker-build": dockerBuildPart,
};

/**
 * Installs the Pulumi CLI and the program's plugins: the machine's own, else the official download, else compiled ones, with a
 * substitute for the docker plugin. Prints its choices.
 *
 * @throws UserError if a download or the compiler fails
 */
export async function ensurePulumi(): Promise<void> {
  disableDebugLog(paths.pulumiHome);
  await ensureCli();
  const missing = plugins.filter((name) => !isOfficial(name) && !linkUserPlugin(name));
  const downloads = missing.length > 0 && (await reachable());
  for (const name of missing) await ensurePlugin(name, downloads);
}

/**
 * Disables the CLI's debug log by a file in place of its folder, because there is no setting. The log keeps every value of a week,
 * secrets too, encrypted with a passphrase that is public here, and takes a tenth of a preview's time.
 *
 * @param home folder that PULUMI_HOME names
 */
export function disableDebugLog(home: string): void {
  const logs = join(home, "logs");
  if (statSync(logs, { throwIfNoEntry: false })?.isFile()) return;
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(logs, "A file, so that pulumi keeps no debug log here: sandbox/README.md says why.\n");
}

/** Parts to compile because they are missing and cannot be downloaded. Changes nothing. */
export async function pulumiPartsToCompile(): Promise<(typeof pulumiPart)[]> {
  const wanted = [
    ...((await usableCli()) || existsSync(join(paths.cli, "bin", "pulumi")) ? [] : [pulumiPart]),
    ...plugins.flatMap((name) => (isOfficial(name) ? [] : (compiledPlugins[name] ?? []))),
  ].filter((part) => !isCompiled(part));
  return wanted.length > 0 && (await reachable()) ? [] : wanted;
}

async function ensureCli(): Promise<void> {
  const own = await usableCli();
  if (own) return say(`pulumi: the machine's own, ${own}`);
  if (existsSync(join(paths.cli, "bin", "pulumi"))) return;
  if (!isCompiled(pulumiPart) && (await reachable())) {
    const command = await phase("download pulumi", () => PulumiCommand.install({ root: paths.cli }));
    return say(`pulumi: downloaded, ${command.version}`);
  }
  await ensureCompiled(pulumiPart);
  installLanguageHost();
}

/**
 * Path of the machine's own CLI, if it has its language host beside it and is at least as new as the SDK.
 *
 * @param path folders to search, as in PATH; those of the sandbox are ignored
 */
export async function usableCli(path = process.env.PATH ?? ""): Promise<string | undefined> {
  const machines = path.split(delimiter).filter((folder) => !folder.startsWith(paths.root));
  const cli = findProgram("pulumi", machines.join(delimiter));
  if (!cli || !existsSync(join(dirname(cli), "pulumi-language-nodejs"))) return undefined;
  const { stdout } = await attempt([cli, "version"], { within: 10 });
  return isAtLeast(stdout.trim(), packageVersion("pulumi")) ? cli : undefined;
}

/** Tells if a version (v1.2.3) is the minimum or later. */
export function isAtLeast(version: string, minimum: string): boolean {
  const numbers = (text: string) => text.replace(/^v/, "").split(/[.+-]/).slice(0, 3).map(Number);
  const [have, want] = [numbers(version), numbers(minimum)];
  const first = want.findIndex((number, index) => have[index] !== number);
  return have.length === 3 && !have.some(Number.isNaN) && (first < 0 || (have[first] ?? 0) > (want[first] ?? 0));
}

function installLanguageHost(): void {
  const main = join(import.meta.dirname, "language-host", "main.ts");
  const node = join(repository, "node_modules", ".bin", "node");
  const path = join(paths.bin, "pulumi-language-nodejs");
  writeFileSync(`${path}.new`, `#!/bin/sh\nexec '${node}' '${main}' "$@"\n`);
  chmodSync(`${path}.new`, 0o755);
  renameSync(`${path}.new`, path);
}

function pluginFolder(name: PluginName, home: string = paths.pulumiHome): string {
  return join(home, "plugins", `resource-${name}-v${packageVersion(name)}`);
}

/** Tells if the official plugin is installed and complete. Only the substitute has a PulumiPlugin.yaml. */
function isOfficial(name: PluginName, home?: string): boolean {
  const folder = pluginFolder(name, home);
  const part = compiledPlugins[name];
  return (
    existsSync(join(folder, `pulumi-resource-${name}`)) &&
    !existsSync(join(folder, "PulumiPlugin.yaml")) &&
    !existsSync(`${folder}.partial`) &&
    !(part && existsSync(join(folder, `.${part.name}.recipe`)) && !isCompiled(part))
  );
}

/** Links a plugin that the user has downloaded before. */
function linkUserPlugin(name: PluginName): boolean {
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  if (home === paths.pulumiHome || !isOfficial(name, home)) return false;
  mkdirSync(dirname(pluginFolder(name)), { recursive: true });
  rmSync(pluginFolder(name), { recursive: true, force: true });
  symlinkSync(pluginFolder(name, home), pluginFolder(name));
  say(`${name} plugin: the machine's own, ${pluginFolder(name, home)}`);
  return true;
}

async function ensurePlugin(name: PluginName, downloads: boolean): Promise<void> {
  if (downloads) {
    const version = pluginFolder(name).split("-v").at(-1) ?? "";
    const install = ["pulumi", "plugin", "install", "resource", name, version, "--reinstall"];
    await phase(`download the ${name} plugin`, () => run(install, { env: environment(), within: 300 }));
    return say(`${name} plugin: downloaded, ${version}`);
  }
  const part = compiledPlugins[name];
  if (part) {
    // An earlier version of this sandbox may have left a substitute.
    if (!isCompiled(part)) rmSync(pluginFolder(name), { recursive: true, force: true });
    return ensureCompiled(part);
  }
  const before = existsSync(pluginFolder(name));
  installDockerPlugin(paths.pulumiHome);
  if (!before) say(`${name} plugin: the substitute from sandbox/plugins, since Pulumi's downloads cannot be reached`);
}

let reachability: Promise<boolean> | undefined;

/** Tells if Pulumi's download site answers within three seconds; asks once. */
function reachable(): Promise<boolean> {
  reachability ??= fetch("https://get.pulumi.com/", { method: "HEAD", signal: AbortSignal.timeout(3000) }).then(
    (response) => response.ok,
    () => false,
  );
  return reachability;
}
