import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { attempt, lastLogLine, logPath, run, runLogged } from "./command.ts";
import { paths } from "./paths.ts";
import { packageVersion } from "./plugins/version.ts";
import { phase, say } from "./progress.ts";

/** Programs that are compiled together from one Go module under sandbox/compile. */
export interface CompiledPart {
  /** Folder under sandbox/compile. */
  readonly name: string;
  /** The module whose version the programs report. */
  readonly module: string;
  /** Where the version is written into the programs, as -X options. */
  readonly stamp: (version: string) => string[];
  /** Where the programs go; default: the sandbox's bin folder. */
  readonly folder?: (version: string) => string;
  /** Files of the module that the part's own main package embeds; default: none. */
  readonly embeds?: {
    /** Folder in the module that has them. */
    readonly from: string;
    /** Folder under the part's own that embeds them. */
    readonly into: string;
    readonly files: readonly string[];
  };
}

const kubernetesVersion = (variable: string) => (version: string) => {
  const [major, minor] = version.slice(1).split(".");
  const fields = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  return Object.entries(fields).map(([name, value]) => `${variable}.${name}=${value}`);
};

/** What the cluster consists of; needed wherever the rest comes from. */
export const clusterParts: readonly CompiledPart[] = [
  {
    name: "kubernetes",
    module: "k8s.io/kubernetes",
    stamp: (version) =>
      ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((at) => kubernetesVersion(at)(version)),
  },
  {
    name: "buildkit",
    module: "github.com/moby/buildkit",
    stamp: (version) => [`github.com/moby/buildkit/version.Version=${version}`],
  },
  { name: "coredns", module: "github.com/coredns/coredns", stamp: () => [] },
  { name: "local-path", module: "github.com/rancher/local-path-provisioner", stamp: () => [] },
  {
    name: "kube-router",
    module: "github.com/cloudnativelabs/kube-router/v2",
    stamp: (version) => [`github.com/cloudnativelabs/kube-router/v2/pkg/version.Version=${version}`],
  },
];

/** The Pulumi CLI, for machines that can neither find nor download it. */
export const pulumiPart: CompiledPart = {
  name: "pulumi",
  module: "github.com/pulumi/pulumi/pkg/v3",
  stamp: (version) => [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${version}`],
};

/** The plugin that builds images, for machines that cannot download it. */
export const dockerBuildPart: CompiledPart = {
  name: "docker-build",
  module: "github.com/pulumi/pulumi-docker-build",
  stamp: (version) => [`github.com/pulumi/pulumi-docker-build/provider.Version=${version.slice(1)}`],
  // Found on the PATH instead, the engine would warn at every call.
  folder: (version) => join(paths.pulumiHome, "plugins", `resource-docker-build-${version}`),
};

/**
 * The plugin that speaks to Kubernetes, for machines that cannot download it. Its module's versions are those of commits, so the
 * program reports the version of the npm package, which is the one that the engine asks for.
 */
export const kubernetesPluginPart: CompiledPart = {
  name: "kubernetes-plugin",
  module: "github.com/pulumi/pulumi-kubernetes/provider/v4",
  stamp: () => [`github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=${packageVersion("kubernetes")}`],
  folder: () => join(paths.pulumiHome, "plugins", `resource-kubernetes-v${packageVersion("kubernetes")}`),
  embeds: {
    from: "cmd/pulumi-resource-kubernetes",
    into: "pulumi-resource-kubernetes",
    files: ["schema.json", "terraform-mapping.json"],
  },
};

/** The program that lists what is in a release, for machines that have none. */
export const syftPart: CompiledPart = {
  name: "syft",
  module: "github.com/anchore/syft",
  stamp: (version) => [`main.version=${version.slice(1)}`],
};

/** The package manager that the benchmark compares an update with. */
export const helmPart: CompiledPart = {
  name: "helm",
  module: "helm.sh/helm/v4",
  stamp: (version) => [`helm.sh/helm/v4/internal/version.version=${version}`],
};

const recipes = join(import.meta.dirname, "compile");

/** What a go.mod says: the programs that it is there for, and the version of one module in it. @throws if that is not in it */
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
  if (!version || packages.length === 0) throw new Error(`go.mod does not say which version of ${module} to compile`);
  return { packages, version };
}

/** Hash over what is compiled of a part's folder, and the options. */
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

/** Whether the part's programs are there, made from the present recipe. */
export function isCompiled(part: CompiledPart): boolean {
  return (
    existsSync(stampFile(part)) &&
    readFileSync(stampFile(part), "utf8") === recipeHash(part) &&
    programs(part).every(existsSync)
  );
}

/** Compiles a part unless that is done already. @throws UserError with the end of the compiler's log */
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
    // Whatever else runs meanwhile goes first: services have a minute to start.
    runLogged(`compile-${part.name}`, ["nice", "go", "build", "-v", ...flags], {
      cwd: join(recipes, part.name),
      // What a compiler that was ended leaves behind is removed with the draft.
      env: { ...compiling, GOTMPDIR: draft },
    });
  await phase(`compile ${part.name}`, build, () => `now ${lastLogLine(`compile-${part.name}`)}`);
  mkdirSync(targetFolder(part), { recursive: true });
  // The stamp last: a part that is moved only half-way is compiled again, out of Go's cache.
  for (const program of programs(part)) renameSync(join(draft, basename(program)), program);
  writeFileSync(stampFile(part), recipeHash(part));
  rmSync(draft, { recursive: true });
  say(`${part.name} ${version}: compiled (${((performance.now() - began) / 1000).toFixed(0)} s)`);
}

/**
 * Shows the compiler files of a module as if they were in the part's own folder: what is downloaded is never copied into the checkout.
 *
 * @returns options for the compiler
 * @throws UserError where the module can't be downloaded
 */
async function embed({ name, module, embeds }: CompiledPart, draft: string): Promise<string[]> {
  if (!embeds) return [];
  const cwd = join(recipes, name);
  const { Dir } = JSON.parse(await run(["go", "mod", "download", "-json", module], { cwd, env: compiling }));
  const files = embeds.files.map((file) => [join(cwd, embeds.into, file), join(Dir, embeds.from, file)]);
  const overlay = join(draft, "overlay.json");
  writeFileSync(overlay, JSON.stringify({ Replace: Object.fromEntries(files) }));
  return ["-overlay", overlay];
}

/**
 * Has the modules of all parts but the first one to be compiled fetched while that is being compiled: nothing is compiled before all
 * of a part's modules are there. What cannot be fetched, the compiler tells when it is the part's turn.
 *
 * @param toCompile names of the parts that are yet to be compiled
 */
export async function fetchAhead(toCompile: readonly string[]): Promise<void> {
  const parts = [...clusterParts, pulumiPart, dockerBuildPart, kubernetesPluginPart].filter(({ name }) =>
    toCompile.includes(name),
  );
  for (const part of parts.slice(1)) {
    const list = ["nice", "go", "list", "-deps", ...readRecipe(readGoMod(part), part.module).packages];
    await attempt(list, { cwd: join(recipes, part.name), env: compiling }).catch(() => {});
  }
}

const compiling = {
  CGO_ENABLED: "0",
  GOTOOLCHAIN: "local",
  GOFLAGS: "-mod=readonly -buildvcs=false",
  GOWORK: "off",
  // The compiler lets its garbage lie for longer, while there is memory for it: an eighth less work. https://go.dev/doc/gc-guide
  GOGC: "400",
  GOMEMLIMIT: "1500MiB",
};

function options(part: CompiledPart, folder?: string): string[] {
  const { version } = readRecipe(readGoMod(part, folder), part.module);
  const stamps = part.stamp(version).map((each) => `-X ${each}`);
  // What a debugger asks for is left out of the programs, so nothing has to write it: a tenth less work, as `go run` has it.
  return ["-trimpath", "-gcflags=all=-dwarf=false", "-ldflags", ["-s -w", ...stamps].join(" ")];
}

function readGoMod(part: CompiledPart, folder: string = join(recipes, part.name)): string {
  return readFileSync(join(folder, "go.mod"), "utf8");
}

function targetFolder(part: CompiledPart): string {
  return part.folder?.(readRecipe(readGoMod(part), part.module).version) ?? paths.bin;
}

function programs(part: CompiledPart): string[] {
  // A package path may end in its module's major version; none of these does.
  return readRecipe(readGoMod(part), part.module).packages.map((path) => join(targetFolder(part), basename(path)));
}

function stampFile(part: CompiledPart): string {
  return join(targetFolder(part), `.${part.name}.recipe`);
}
