import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** Takes any call and does nothing. */
const nothing = new Proxy({}, { get: () => () => {} });

/**
 * Has parts of Pulumi's SDK loaded only where something is asked of them, which nothing here does; otherwise they take two thirds of the
 * time before the program begins. It has to be imported before the SDK: Pulumi.yaml has Node do so.
 *
 * By the end of its path, each part with what it answers as long as it need not be loaded.
 */
const parts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // The compiler and npm's tree of packages turn functions into text.
  "/typescript.js": {},
  "/@npmcli/arborist/lib/index.js": {},
  // A debugger's session finds out where a function was written. The SDK waits until it is told of each script that is loaded.
  "/@pulumi/pulumi/runtime/closure/v8Hooks.js": { isInitializedAsync: async () => {} },
  // Node runs the TypeScript as it stands, so that a trace is right without source maps. The SDK takes one for every promise that it
  // makes, each of which would be looked up in the maps of its own code.
  "/source-map-support/register.js": {},
  // Measures spans of time for `--tracing`, which has it started.
  "/@pulumi/pulumi/cmd/run/tracing.js": { newSpan: () => nothing },
  // Objects that come out of charts and other files.
  "/@pulumi/kubernetes/helm/index.js": {},
  "/@pulumi/kubernetes/kustomize/index.js": {},
  "/@pulumi/kubernetes/yaml/index.js": {},
};

const require = createRequire(import.meta.url);
const wanted = new Set<string>();
const answersOf = (path: string) => Object.entries(parts).find(([end]) => path.endsWith(end))?.[1];

/** What stands for a module until it is asked for something. That it is one with `__esModule` keeps the SDK from listing what it has. */
const standIn = `module.exports = new Proxy({}, {
  get: (_, name) => name === "__esModule" || globalThis[Symbol.for("slipway.ask")](__filename, name),
});`;

Object.assign(globalThis, {
  [Symbol.for("slipway.ask")](path: string, name: string) {
    if (!wanted.has(path)) {
      const answer = answersOf(path)?.[name];
      if (answer) return answer;
      wanted.add(path);
      delete require.cache[path];
    }
    return require(path)[name];
  },
});

registerHooks({
  load(url, context, next) {
    const isLate = answersOf(url) && !wanted.has(fileURLToPath(url));
    return isLate ? { format: "commonjs", source: standIn, shortCircuit: true } : next(url, context);
  },
});
