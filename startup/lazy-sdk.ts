import { readFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Loads parts of Pulumi's SDK only when they are used, which this program does with few. It has to be imported before the SDK: Pulumi.yaml
 * has Node do so. `npm run bench` measures what it saves (docs/performance.md).
 *
 * Works with the versions below and with no other. `SLIPWAY_LAZY_SDK=off` switches it off.
 */
export const checkedVersions: Readonly<Record<string, string>> = {
  "@pulumi/pulumi": "3.276.0",
  "@pulumi/kubernetes": "4.34.2",
};

/** Takes any call and does nothing. */
const nothing = new Proxy({}, { get: () => () => {} });
/** Stands for a function that loads its module when it is called. */
const onCall = Symbol("loads the module when called");

/** Modules to load late, by path, each with the properties that are answered without loading it. */
const modules: readonly (readonly [path: RegExp, answers: Readonly<Record<string, unknown>>])[] = [
  // Serialise functions, with the compiler and npm's tree of packages.
  [/\/@pulumi\/pulumi\/runtime\/closure\/codePaths\.js$/, { computeCodePaths: onCall }],
  [
    /\/@pulumi\/pulumi\/runtime\/closure\/serializeClosure\.js$/,
    { serializeFunction: onCall, serializeFunctionAsync: onCall },
  ],
  // Finds out through a debugger session where a function was written. The SDK waits until every loaded script was announced to it.
  [/\/@pulumi\/pulumi\/runtime\/closure\/v8Hooks\.js$/, { isInitializedAsync: async () => {} }],
  // Maps stack traces. Node runs TypeScript without moving lines, so they are right; the SDK takes one for every promise it creates.
  [/\/source-map-support\/register\.js$/, {}],
  // Trace the program, if pulumi was told to. Other calls than these load them.
  [/\/@pulumi\/pulumi\/cmd\/run\/tracing\.js$/, { newSpan: () => nothing }],
  [/\/@opentelemetry\/api\/build\/src\/index\.js$/, { context: nothing, propagation: nothing }],
  // Read the manifests of packages, and compare versions of plugins.
  [/\/js-yaml\/index\.js$/, {}],
  [/\/semver\/index\.js$/, {}],
  // Runs Pulumi from a program.
  [/\/@pulumi\/pulumi\/automation\/index\.js$/, {}],
  // One API group of Kubernetes each; charts.
  [/\/@pulumi\/kubernetes\/[^/]+\/index\.js$/, {}],
];

const require = createRequire(import.meta.url);

/** Packages that are installed in another version than the checked one, as in `@pulumi/pulumi 3.277.0`. */
export function unchecked(versionOf: (name: string) => string = installedVersion): string[] {
  return Object.keys(checkedVersions)
    .map((name) => [name, versionOf(name)] as const)
    .flatMap(([name, version]) => (version === checkedVersions[name] ? [] : [`${name} ${version}`]));
}

const installedVersion = (name: string): string =>
  JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8")).version;

const loaded = new Set<string>();
const answersOf = (path: string) => modules.find(([part]) => part.test(path))?.[1];

function load(path: string): Record<string, unknown> {
  if (!loaded.has(path)) {
    loaded.add(path);
    delete require.cache[path];
  }
  return require(path);
}

/**
 * Source of the module that takes the place of one that is not loaded yet. `__esModule` keeps the SDK from listing its properties; Node
 * imports its own properties by name.
 */
const placeholder = `
const ask = (name) => name === "__esModule" || globalThis[Symbol.for("slipway.ask")](__filename, name);
module.exports = new Proxy({}, {
  get: (_, name) => ask(name),
  getOwnPropertyDescriptor: (_, name) => ({ value: ask(name), enumerable: true, configurable: true }),
});`;

function loadLate(): void {
  Object.assign(globalThis, {
    [Symbol.for("slipway.ask")](path: string, name: string) {
      const answer = loaded.has(path) ? undefined : answersOf(path)?.[name];
      if (answer === onCall)
        return (...args: unknown[]) => (load(path)[name] as (...args: unknown[]) => unknown)(...args);
      return answer ?? load(path)[name];
    },
  });
  registerHooks({
    load(url, context, next) {
      // An ES module that is imported by name has to have the name, so only what is required comes late.
      const late = context.conditions.includes("require") && answersOf(url) && !loaded.has(fileURLToPath(url));
      return late ? { format: "commonjs", source: placeholder, shortCircuit: true } : next(url, context);
    },
  });
}

if (process.env.SLIPWAY_LAZY_SDK !== "off") {
  const others = unchecked();
  if (others.length === 0) loadLate();
  else
    console.error(
      `Pulumi's SDK is loaded as a whole, which takes longer: startup/lazy-sdk.ts was not checked with ${others.join(", ")}.`,
    );
}
