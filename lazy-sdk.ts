import { createRequire, registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Has the TypeScript compiler and npm's tree of packages loaded only where something is asked of them. Pulumi's SDK turns functions into
 * text by them, which nothing here asks for, and otherwise loads both with the rest: two thirds of what loading it takes.
 * It has to be imported before the SDK.
 */
const parts = ["/typescript.js", "/@npmcli/arborist/lib/index.js"];

const require = createRequire(import.meta.url);
const wanted = new Set<string>();

/** What stands for a module until it is asked for something. That it is one with `__esModule` keeps the SDK from listing what it has. */
const standIn = `module.exports = new Proxy({}, {
  get: (_, name) => name === "__esModule" || globalThis[Symbol.for("slipway.load")](__filename)[name],
});`;

Object.assign(globalThis, {
  [Symbol.for("slipway.load")](path: string) {
    if (!wanted.has(path)) delete require.cache[path];
    wanted.add(path);
    return require(path);
  },
});

registerHooks({
  load(url, context, next) {
    const isLate = parts.some((part) => url.endsWith(part)) && !wanted.has(fileURLToPath(url));
    return isLate ? { format: "commonjs", source: standIn, shortCircuit: true } : next(url, context);
  },
});
