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

/** The plugins that can be compiled; docker's is in no package registry. */
const compiledPlugins: Partial<Record<PluginName, CompiledPart>> = {
  kubernetes: kubernetesPluginPart,
  "docker-build": dockerBuildPart,
};

/**
 * Sees to the Pulumi CLI and the plugins of the program: what is there already, else the official download, else the package registries
 * (which have no docker plugin: a stand-in takes its place). Says which it took.
 * @throws UserError
 */
export async function ensurePulumi(): Promise<void> {
  keepNoDebugLog(paths.pulumiHome);
  await ensureCli();
  const missing = plugins.filter((name) => !isOfficial(name) && !adopt(name));
  const downloads = missing.length > 0 && (await reachable());
  for (const name of missing) await ensurePlugin(name, downloads);
}

/**
 * The CLI writes all that every run does and every value that it sees, secrets too, to `logs` in its home, and keeps it for a week.
 * It encrypts that as the stack's secrets are, here with a passphrase that everybody knows; it takes a tenth of a preview's time; and
 * it has no setting to leave it out. It does without where it can make no such folder: a file takes the name.
 *
 * @param home the folder that PULUMI_HOME names
 */
export function keepNoDebugLog(home: string): void {
  const logs = join(home, "logs");
  if (statSync(logs, { throwIfNoEntry: false })?.isFile()) return;
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(logs, "A file, so that pulumi keeps no debug log here: sandbox/README.md says why.\n");
}

/** Which parts would have to be compiled because they are not there and cannot be downloaded; asks before anything is changed. */
export async function pulumiPartsToCompile(): Promise<(typeof pulumiPart)[]> {
  const wanted = [
    ...((await usableCli()) || existsSync(join(paths.cli, "bin", "pulumi")) ? [] : [pulumiPart]),
    ...plugins.flatMap((name) => (isOfficial(name) ? [] : (compiledPlugins[name] ?? []))),
  ].filter((part) => !isCompiled(part));
  return wanted.length > 0 && (await reachable()) ? [] : wanted;
}

async function ensureCli(): Promise<void> {
  const found = await usableCli();
  if (found) return say(`pulumi: the machine's own, ${found}`);
  if (existsSync(join(paths.cli, "bin", "pulumi"))) return;
  if (!isCompiled(pulumiPart) && (await reachable())) {
    const command = await phase("download pulumi", () => PulumiCommand.install({ root: paths.cli }));
    return say(`pulumi: downloaded, ${command.version}`);
  }
  await ensureCompiled(pulumiPart);
  installLanguageHost();
}

/**
 * A CLI of the machine's own with its language host beside it, at least as new as the SDK: whose version would be downloaded.
 *
 * @param path where to look, as in PATH; the sandbox's own folders in it do not count
 */
export async function usableCli(path = process.env.PATH ?? ""): Promise<string | undefined> {
  const machines = path.split(delimiter).filter((folder) => !folder.startsWith(paths.root));
  const cli = findProgram("pulumi", machines.join(delimiter));
  if (!cli || !existsSync(join(dirname(cli), "pulumi-language-nodejs"))) return undefined;
  const { stdout } = await attempt([cli, "version"], { within: 10 });
  return isAtLeast(stdout.trim(), packageVersion("pulumi")) ? cli : undefined;
}

/** Whether a version (v1.2.3) is the same as another or later. */
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

/** Official plugins are programs, and complete; the stand-in is a script and brings a description of itself. */
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

/** Takes a plugin that the user has downloaded before. */
function adopt(name: PluginName): boolean {
  const home = process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  if (home === paths.pulumiHome || !isOfficial(name, home)) return false;
  replaceFolder(pluginFolder(name), (folder) => symlinkSync(pluginFolder(name, home), folder));
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
    // A stand-in of an earlier version of this sandbox may be there.
    if (!isCompiled(part)) rmSync(pluginFolder(name), { recursive: true, force: true });
    return ensureCompiled(part);
  }
  const before = existsSync(pluginFolder(name));
  installDockerPlugin(paths.pulumiHome);
  if (!before) say(`${name} plugin: the stand-in from sandbox/plugins, since Pulumi's downloads cannot be reached`);
}

function replaceFolder(folder: string, make: (folder: string) => void): void {
  mkdirSync(dirname(folder), { recursive: true });
  rmSync(folder, { recursive: true, force: true });
  make(folder);
}

let reachability: Promise<boolean> | undefined;

/** Whether Pulumi's download site answers; asked once, three seconds at most. */
function reachable(): Promise<boolean> {
  reachability ??= fetch("https://get.pulumi.com/", { method: "HEAD", signal: AbortSignal.timeout(3000) }).then(
    (response) => response.ok,
    () => false,
  );
  return reachability;
}
