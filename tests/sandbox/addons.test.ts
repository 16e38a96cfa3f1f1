import assert from "node:assert/strict";
import { neededAddons } from "../../sandbox/addons.ts";
import { recipeHash } from "../../sandbox/compile.ts";
import { stackFiles } from "../../settings/stack-files.ts";

const names = (...web: object[]) =>
  neededAddons(web.map((settings) => ({ "slipway:web": settings }))).map(({ part }) => part.name);

describe("The sandbox's add-ons", () => {
  it("are none for dev as it is committed", () => {
    const dev = stackFiles().filter(({ stack }) => stack === "dev");
    assert.equal(dev.length, 1);
    assert.deepEqual(neededAddons(dev.map(({ config }) => config)), []);
  });

  it("measure where an autoscaler has something to decide", () => {
    assert.deepEqual(names({ replicas: { min: 1, max: 3 } }), ["metrics-server"]);
    assert.deepEqual(names({ replicas: { min: 2, max: 2 } }, { replicas: 3 }, {}), []);
    assert.deepEqual(neededAddons([{}]), []);
  });

  it("serve hosts, with certificates", () => {
    assert.deepEqual(names({ host: "shop.example.com" }), ["cert-manager", "traefik"]);
  });

  it("are each needed once, whichever of the stacks need them", () => {
    const all = names({ host: "a.example.com" }, { host: "b.example.com", replicas: { min: 1, max: 2 } });
    assert.deepEqual(all, ["metrics-server", "cert-manager", "traefik"]);
  });

  it("have a complete recipe each", () => {
    const all = neededAddons([{ "slipway:web": { host: "a.example.com", replicas: { min: 1, max: 2 } } }]);
    for (const { part } of all) assert.match(recipeHash(part), /^[0-9a-f]{64}$/);
  });
});
