import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** Takes any call and does nothing. */
const nothing = new Proxy({}, { get: () => () => {} });
/** Answers with a function that loads the part when it is called. */
const once = Symbol("once it is called");

/**
 * Has parts of Pulumi's SDK loaded only where something is asked of them, which nothing here does of most; otherwise they take half of
 * the time before the program begins. It has to be imported before the SDK: Pulumi.yaml has Node do so.
 *
 * Each part by its path, with what it answers as long as it need not be loaded.
 */
const parts: readonly (readonly [path: RegExp, answers: Readonly<Record<string, unknown>>])[] = [
  // Turn functions into text, with the compiler and npm's tree of packages.
  [/\/@pulumi\/pulumi\/runtime\/closure\/codePaths\.js$/, { computeCodePaths: once }],
  [
    /\/@pulumi\/pulumi\/runtime\/closure\/serializeClosure\.js$/,
    { serializeFunction: once, serializeFunctionAsync: once },
  ],
  // A debugger's session finds out where a function was written. The SDK waits until it is told of each script that is loaded.
  [/\/@pulumi\/pulumi\/runtime\/closure\/v8Hooks\.js$/, { isInitializedAsync: async () => {} }],
  // Node runs the TypeScript as it stands, so that a trace is right without source maps. The SDK takes one for every promise that it
  // makes, each of which would be looked up in the maps of its own code.
  [/\/source-map-support\/register\.js$/, {}],
  // Measures spans of time, where pulumi was told to. What is loaded for that asks for more than these.
  [/\/@pulumi\/pulumi\/cmd\/run\/tracing\.js$/, { newSpan: () => nothing }],
  [/\/@opentelemetry\/api\/build\/src\/index\.js$/, { context: nothing, propagation: nothing }],
  // Read packages' manifests and compare plugins' versions, where they have any.
  [/\/js-yaml\/index\.js$/, {}],
  [/\/semver\/index\.js$/, {}],
  // Runs Pulumi from a program.
  [/\/@pulumi\/pulumi\/automation\/index\.js$/, {}],
  // A group of Kubernetes' API each, and what takes objects out of charts and other files.
  [/\/@pulumi\/kubernetes\/[^/]+\/index\.js$/, {}],
];

const require = createRequire(import.meta.url);
const wanted = new Set<string>();
const answersOf = (path: string) => parts.find(([part]) => part.test(path))?.[1];

function load(path: string): Record<string, unknown> {
  if (!wanted.has(path)) {
    wanted.add(path);
    delete require.cache[path];
  }
  return require(path);
}

/**
 * What stands for a module until it is asked for something. That it is one with `__esModule` keeps the SDK from listing what it has;
 * Node imports from it by name what it has of its own.
 */
const standIn = `
const ask = (name) => name === "__esModule" || globalThis[Symbol.for("slipway.ask")](__filename, name);
module.exports = new Proxy({}, {
  get: (_, name) => ask(name),
  getOwnPropertyDescriptor: (_, name) => ({ value: ask(name), enumerable: true, configurable: true }),
});`;

Object.assign(globalThis, {
  [Symbol.for("slipway.ask")](path: string, name: string) {
    const answer = wanted.has(path) ? undefined : answersOf(path)?.[name];
    if (answer === once) return (...args: unknown[]) => (load(path)[name] as (...args: unknown[]) => unknown)(...args);
    return answer ?? load(path)[name];
  },
});

registerHooks({
  load(url, context, next) {
    // What is imported by name has to have it.
    const isLate = context.conditions.includes("require") && answersOf(url) && !wanted.has(fileURLToPath(url));
    return isLate ? { format: "commonjs", source: standIn, shortCircuit: true } : next(url, context);
  },
});
