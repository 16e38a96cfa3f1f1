import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { attempt, lastLogLine, logPath, run, runLogged } from "./command.ts";
import { type CompiledPart, clusterParts, dockerBuildPart, kubernetesPluginPart, pulumiPart } from "./parts.ts";
import { paths } from "./paths.ts";
import { phase, say } from "./progress.ts";
import { readIfPresent } from "./read-file.ts";

const recipes = join(import.meta.dirname, "compile");

/** Programs to compile (`tool`) and version of one module, read from a go.mod. @throws Error if either is missing */
export function readRecipe(goMod: string, module: string): { packages: string[]; version: string } {
  const block = /^tool \(\n([^)]*)\)/m.exec(goMod)?.[1] ?? "";
  const single = [...goMod.matchAll(/^tool (\S+)$/gm)].map((match) => match[1] ?? "").filter((name) => name !== "(");
  const packages = [...block.split("\n").map((line) => line.trim()), ...single].filter((name) => name !== "");
  const required = goMod.split("\n").map((line) =>
    line
      .trim()
      .replace(/^require /, "")
      .split(" "),
  );
  const version = required.find(([name, version]) => name === module && version?.startsWith("v"))?.[1];
  if (!version || packages.length === 0) throw new Error(`go.mod has no version of ${module} or no tool to compile`);
  return { packages, version };
}

/** Hash of a part's compiled files and compiler options. */
export function recipeHash(part: CompiledPart, folder: string = join(recipes, part.name)): string {
  const hash = createHash("sha256")
    .update(JSON.stringify(options(part, folder)))
    .update(process.arch);
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(folder, name);
    if (/\.(mod|sum|go)$/.test(name)) hash.update(name).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Tells if the part's programs exist and were made from the present recipe. */
export function isCompiled(part: CompiledPart): boolean {
  return readIfPresent(stampFile(part)) === recipeHash(part) && programs(part).every(existsSync);
}

/** Compiles a part unless `isCompiled`. @throws UserError with the end of the compiler's log */
export async function ensureCompiled(part: CompiledPart): Promise<void> {
  if (isCompiled(part)) return;
  const { packages, version } = readRecipe(readGoMod(part), part.module);
  const draft = join(paths.build, part.name);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  say(
    `${part.name} ${version}: compiling, which takes minutes the first time (log: ${logPath(`compile-${part.name}`)})`,
  );
  const began = performance.now();
  const embedded = await embed(part, draft);
  const flags = [...options(part), ...embedded, "-o", `${draft}/`, ...packages];
  const build = () =>
    // Nice, because services that start meanwhile have only a minute.
    runLogged(`compile-${part.name}`, ["nice", "go", "build", "-v", ...flags], {
      cwd: join(recipes, part.name),
      // In the draft, so that the files of a killed compiler are removed with it.
      env: { ...goEnvironment, GOTMPDIR: draft },
    });
  await phase(`compile ${part.name}`, build, () => `now ${lastLogLine(`compile-${part.name}`)}`);
  mkdirSync(targetFolder(part), { recursive: true });
  // The stamp last, so that a part that was moved only in part is compiled again, from Go's cache.
  for (const program of programs(part)) renameSync(join(draft, basename(program)), program);
  writeFileSync(stampFile(part), recipeHash(part));
  rmSync(draft, { recursive: true });
  say(`${part.name} ${version}: compiled (${((performance.now() - began) / 1000).toFixed(0)} s)`);
}

/**
 * Overlays files of a module onto the part's own folder, so that nothing is copied into the checkout.
 *
 * @returns options for the compiler
 * @throws UserError if the module can't be downloaded
 */
async function embed({ name, module, embeds }: CompiledPart, draft: string): Promise<string[]> {
  if (!embeds) return [];
  const cwd = join(recipes, name);
  const { Dir } = JSON.parse(await run(["go", "mod", "download", "-json", module], { cwd, env: goEnvironment }));
  const files = embeds.files.map((file) => [join(cwd, embeds.into, file), join(Dir, embeds.from, file)]);
  const overlay = join(draft, "overlay.json");
  writeFileSync(overlay, JSON.stringify({ Replace: Object.fromEntries(files) }));
  return ["-overlay", overlay];
}

/**
 * Downloads the modules of the parts while the first one of them is compiled. Failures are ignored, because the compiler reports
 * them later.
 *
 * @param toCompile names of the parts to compile
 */
export async function prefetchModules(toCompile: readonly string[]): Promise<void> {
  const parts = [...clusterParts, pulumiPart, dockerBuildPart, kubernetesPluginPart].filter(({ name }) =>
    toCompile.includes(name),
  );
  for (const part of parts.slice(1)) {
    const list = ["nice", "go", "list", "-deps", ...readRecipe(readGoMod(part), part.module).packages];
    await attempt(list, { cwd: join(recipes, part.name), env: goEnvironment }).catch(() => {});
  }
}

const goEnvironment = {
  CGO_ENABLED: "0",
  GOTOOLCHAIN: "local",
  GOFLAGS: "-mod=readonly -buildvcs=false",
  GOWORK: "off",
  // Fewer garbage collections while there is memory: saves an eighth of the work. https://go.dev/doc/gc-guide
  GOGC: "400",
  GOMEMLIMIT: "1500MiB",
};

function options(part: CompiledPart, folder?: string): string[] {
  const { version } = readRecipe(readGoMod(part, folder), part.module);
  const stamps = part.stamp(version).map((each) => `-X ${each}`);
  // Leaves out debug information, as `go run` does: saves a tenth of the work.
  return ["-trimpath", "-gcflags=all=-dwarf=false", "-ldflags", ["-s -w", ...stamps].join(" ")];
}

function readGoMod(part: CompiledPart, folder: string = join(recipes, part.name)): string {
  return readFileSync(join(folder, "go.mod"), "utf8");
}

function targetFolder(part: CompiledPart): string {
  return part.folder?.(readRecipe(readGoMod(part), part.module).version) ?? paths.bin;
}

function programs(part: CompiledPart): string[] {
  return readRecipe(readGoMod(part), part.module).packages.map((path) => join(targetFolder(part), basename(path)));
}

function stampFile(part: CompiledPart): string {
  return join(targetFolder(part), `.${part.name}.recipe`);
}
