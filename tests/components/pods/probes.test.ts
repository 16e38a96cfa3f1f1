import assert from "node:assert/strict";
import { containerProbes, loadBalancerPath } from "../../../components/pods/probes.ts";

const paths = { live: "/live", ready: "/ready", startSeconds: 60 };
const handlers = (probes: Parameters<typeof containerProbes>[0]) =>
  Object.values(containerProbes(probes)).map(({ httpGet, exec }) => httpGet ?? exec);

describe("Health checks", () => {
  it("ask for the paths on the container's port", () => {
    const get = { port: "http", httpHeaders: undefined };
    assert.deepEqual(containerProbes(paths), {
      startupProbe: { httpGet: { path: "/live", ...get }, periodSeconds: 1, failureThreshold: 60 },
      readinessProbe: { httpGet: { path: "/ready", ...get }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 2 },
      livenessProbe: { httpGet: { path: "/live", ...get }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    });
  });

  it("ask on another port and with a Host header, but never another machine", () => {
    const httpHeaders = [{ name: "Host", value: "shop.example.com" }];
    const get = (path: string) => ({ path, port: 9000, httpHeaders });
    assert.deepEqual(handlers({ ...paths, port: 9000, host: "shop.example.com" }), [
      get("/live"),
      get("/ready"),
      get("/live"),
    ]);
  });

  it("run commands in place of paths, one by one", () => {
    const alive = { command: ["bin/alive"] };
    const handler = handlers({ ...paths, live: alive, port: 9000 });
    assert.deepEqual(handler, [alive, { path: "/ready", port: 9000, httpHeaders: undefined }, alive]);
  });

  it("tell a load balancer the path, unless it could not ask for it", () => {
    assert.equal(loadBalancerPath(paths), "/ready");
    for (const other of [{ ready: { command: ["bin/ready"] } }, { port: 9000 }, { host: "shop.example.com" }])
      assert.equal(loadBalancerPath({ ...paths, ...other }), undefined);
  });

  it("let a start by a command take as long, although a command may take seconds itself", () => {
    const { startupProbe } = containerProbes({ ...paths, live: { command: ["bin/alive"] }, startSeconds: 61 });
    assert.deepEqual(startupProbe, {
      exec: { command: ["bin/alive"] },
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 13,
    });
  });
});
