import assert from "node:assert/strict";
import { neededAddons } from "../../sandbox/addons.ts";
import { stackFiles } from "../../settings/stack-files.ts";

const names = (...web: object[]) =>
  neededAddons(web.map((settings) => ({ "slipway:web": settings }))).map(({ part }) => part.name);

describe("The sandbox's add-ons", () => {
  it("are not needed for dev as it is committed", () => {
    const dev = stackFiles().filter(({ stack }) => stack === "dev");
    assert.equal(dev.length, 1);
    assert.deepEqual(neededAddons(dev.map(({ config }) => config)), []);
  });

  it("include metrics-server only if an autoscaler has a range of replicas", () => {
    assert.deepEqual(names({ replicas: { min: 1, max: 3 } }), ["metrics-server"]);
    assert.deepEqual(names({ replicas: { min: 2, max: 2 } }, { replicas: 3 }, {}), []);
    assert.deepEqual(neededAddons([{}]), []);
  });

  it("include an ingress and certificates for a host", () => {
    assert.deepEqual(names({ host: "shop.example.com" }), ["cert-manager", "traefik"]);
  });

  it("are needed for a process beside web as for web", () => {
    const processes = { worker: { replicas: { min: 1, max: 3 } }, streaming: { host: "stream.example.com" } };
    const all = neededAddons([{ "slipway:web": {}, "slipway:processes": processes }]);
    assert.deepEqual(
      all.map(({ part }) => part.name),
      ["metrics-server", "cert-manager", "traefik"],
    );
  });

  it("start once for several stacks that need them", () => {
    const all = names({ host: "a.example.com" }, { host: "b.example.com", replicas: { min: 1, max: 2 } });
    assert.deepEqual(all, ["metrics-server", "cert-manager", "traefik"]);
  });
});
