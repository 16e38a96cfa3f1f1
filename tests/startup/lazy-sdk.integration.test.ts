import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parse } from "yaml";

const { nodeargs } = parse(readFileSync("Pulumi.yaml", "utf8")).runtime.options;

/** Runs a module as Pulumi runs the program, in a process of its own, which loads the SDK once. @returns what it prints as JSON */
const answers = (module: string, env: Record<string, string> = {}) => {
  const before = `
    import { createRequire } from "node:module";
    import { types } from "node:util";
    const require = createRequire(process.cwd() + "/x.js");
    const watched = ["@pulumi/kubernetes/index", "@pulumi/kubernetes/helm/", "@pulumi/pulumi/runtime/closure/v8Hooks", "typescript/", "pacote/",
      "normalize-package-data/", "@opentelemetry/api/", "@opentelemetry/sdk-trace-node/", "@pulumi/pulumi/automation/", "semver/index",
      "js-yaml/index", "@pulumi/kubernetes/rbac/index"];
    /** Whether it is loaded, and no placeholder. */
    const has = (start) => Object.keys(require.cache)
      .some((path) => path.includes("/node_modules/" + start) && !types.isProxy(require.cache[path].exports));
    const loaded = () => watched.filter(has);
    const traces = Error.prepareStackTrace;
    // What starts the program loads these before it.
    const tracing = require("@pulumi/pulumi/cmd/run/tracing.js");
    require("source-map-support/register.js");
    await require("@pulumi/pulumi/runtime/closure/v8Hooks.js").isInitializedAsync();
    tracing.newSpan("all of it").setAttribute("a", "b");
    const print = (what) => console.log(JSON.stringify(what));`;
  const args = [...nodeargs.split(" "), "--input-type=module", "--eval", before + module];
  return JSON.parse(execFileSync("node", args, { encoding: "utf8", env: { ...process.env, ...env } }));
};

describe("Pulumi's SDK, loaded late", () => {
  it("is loaded as it comes if that is switched off", () => {
    const mapped = `
      await import("@pulumi/pulumi");
      print(Error.prepareStackTrace !== traces);`;
    assert.equal(answers(mapped), false);
    assert.equal(answers(mapped, { SLIPWAY_LAZY_SDK: "off" }), true);
  });

  it("is loaded as it comes, and a line says so, if it is another version than the checked one", () => {
    const asking = `
      const { checkedVersions, unchecked } = await import("./startup/lazy-sdk.ts");
      const another = (name) => (name === "@pulumi/pulumi" ? "3.277.0" : checkedVersions[name]);
      print({ installed: unchecked(), another: unchecked(another) });`;
    const { installed, another } = answers(asking);
    assert.deepEqual(installed, [], "check startup/lazy-sdk.ts with the new version: npm run test:e2e, npm run bench");
    assert.deepEqual(another, ["@pulumi/pulumi 3.277.0"]);
  });

  it("serialises functions when asked to", () => {
    const asking = `
      const pulumi = await import("@pulumi/pulumi");
      const before = loaded();
      const { text } = await pulumi.runtime.serializeFunction(() => 3 + 4);
      print({ before, text, after: loaded() });`;
    const { before, text, after } = answers(asking);
    assert.deepEqual(before, []);
    assert.match(text, /3 \+ 4/);
    assert.deepEqual(after, ["@pulumi/pulumi/runtime/closure/v8Hooks", "typescript/"]);
  });

  it("traces the program once tracing was started", () => {
    const asking = `
      tracing.start("http://127.0.0.1:9");
      print({ loaded: loaded(), measures: tracing.newSpan("a part").isRecording() });`;
    const loaded = ["@opentelemetry/api/", "@opentelemetry/sdk-trace-node/"];
    assert.deepEqual(answers(asking), { loaded, measures: true });
  });

  it("passes pulumi's own trace on to the engine", () => {
    const asking = `
      require("@pulumi/pulumi/cmd/run/instrumentation.js").withRootContext(() => {
        const { context, propagation } = require("@opentelemetry/api");
        const told = {};
        propagation.inject(context.active(), told);
        print(told);
      });`;
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert.deepEqual(answers(asking, { TRACEPARENT: trace }), { traceparent: trace });
  });

  it("has the Automation API, imported whole or by name", () => {
    const asking = `
      const pulumi = await import("@pulumi/pulumi");
      const before = loaded();
      const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");
      print({ before, same: typeof LocalWorkspace === "function" && LocalWorkspace === pulumi.automation.LocalWorkspace });`;
    assert.deepEqual(answers(asking), { before: [], same: true });
  });

  it("has all of Kubernetes' API, imported whole or by name", () => {
    const asking = `
      const k8s = await import("@pulumi/kubernetes");
      const { v1 } = await import("@pulumi/kubernetes/rbac/index.js");
      print({ same: typeof v1.Role === "function" && v1.Role === k8s.rbac.v1.Role, groups: Object.keys(k8s).length > 20 });`;
    assert.deepEqual(answers(asking), { same: true, groups: true });
  });

  it("has Helm charts", () => {
    const asking = `
      const k8s = await import("@pulumi/kubernetes");
      const before = loaded();
      print({ before, chart: typeof k8s.helm.v3.Chart, after: loaded() });`;
    const before = ["@pulumi/kubernetes/index"];
    assert.deepEqual(answers(asking), { before, chart: "function", after: [...before, "@pulumi/kubernetes/helm/"] });
  });
});
