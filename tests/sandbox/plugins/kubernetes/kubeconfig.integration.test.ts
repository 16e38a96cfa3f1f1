import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** In a process of its own, where nothing else has loaded the client: what is loaded, and what it can do. */
const program = `
import { registerHooks } from "node:module";
import { loadKubeConfig } from ${JSON.stringify(resolve("sandbox/plugins/kubernetes/kubeconfig.ts"))};

const modules = [];
registerHooks({ load: (url, context, next) => (modules.push(url), next(url, context)) });
const ofCalls = () => modules.filter((url) => /\\/gen\\/models\\/|node_modules\\/(undici|socks|socks-proxy-agent|hpagent)\\//.test(url)).length;
const KubeConfig = await loadKubeConfig();
const before = ofCalls();
const config = new KubeConfig();
const authorizations = [];
for (const proxyUrl of [undefined, "http://p.example", "https://p.example", "socks5://p.example"]) {
  config.loadFromClusterAndUser({ name: "c", server: "https://c.example", proxyUrl }, { name: "u", token: "t" });
  const request = {};
  await config.applyToHTTPSOptions(request);
  authorizations.push(request.headers.Authorization);
}

const client = await import("@kubernetes/client-node");
const whole = new client.KubeConfig();
whole.loadFromString(config.exportConfig());
const calls = typeof whole.makeApiClient(client.CoreV1Api).listNamespace;
console.log(JSON.stringify({ before, after: ofCalls(), authorizations, calls }));
`;

describe("The client's kubeconfigs", () => {
  it("are read without the client's calls and agents, proxies or not, and leave those to whoever loads all of it", () => {
    const printed = execFileSync("node", ["--input-type=module", "--eval", program], { encoding: "utf8" });
    const { after, ...rest } = JSON.parse(printed);
    assert.deepEqual(rest, { before: 0, authorizations: Array(4).fill("Bearer t"), calls: "function" });
    assert.ok(after > 0);
  });
});
