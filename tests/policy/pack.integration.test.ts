import assert from "node:assert/strict";
import { rules } from "../../policy/rules.ts";
import { RunningPack } from "./running-pack.ts";

const deployment = "kubernetes:apps/v1:Deployment";

/** A pod with a network that is not its own, and with this image. */
const pod = (image: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: { template: { spec: { hostNetwork: true, containers: [{ name: "web", image }] } } },
});

/** What a preview has in the place of a value that it does not know. */
const notYetKnown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("The policy pack in its folder", () => {
  let pack: RunningPack;
  before(async () => {
    pack = await RunningPack.start();
  });
  after(() => pack.stop());

  it("tells every rule, with its reason, its remedy and what can be set", async () => {
    const { name, version, policiesList } = await pack.info();
    assert.deepEqual([name, version], ["slipway", "1.0.0"]);
    assert.deepEqual(policiesList.map((each) => each.name).sort(), rules.map((rule) => rule.name).sort());
    for (const { name, description, remediationSteps } of policiesList)
      assert.ok(description.length > 20 && remediationSteps.length > 20, name);
    const settings = policiesList.filter(({ configschema }) => configschema?.properties).map(({ name }) => name);
    assert.deepEqual(settings.sort(), [
      "data-protected",
      "image-by-digest",
      "image-registry",
      "public-load-balancer",
      "resource-count",
    ]);
  });

  it("has a schema for what can be set, with the defaults", async () => {
    const described = (settings: unknown) =>
      Object.entries(settings as Record<string, { description: string }>).map(([name, { description, ...rest }]) => {
        assert.ok(description.length > 20, name);
        return [name, rest];
      });
    assert.deepEqual(described(await pack.settings("resource-count")), [["most", { type: "integer", default: 150 }]]);
    assert.deepEqual(described(await pack.settings("data-protected")), [
      ["always", { type: "boolean", default: false }],
    ]);
    assert.deepEqual(described(await pack.settings("image-by-digest")), [
      ["byTag", { type: "array", items: { type: "string" }, default: ["docker.io/library/postgres"] }],
    ]);
  });

  it("refuses by the rule's id, with what is wrong, the reason and the remedy", async () => {
    const found = await pack.analyze(deployment, pod("registry.example.com/team/app:v1.1"));
    const byDigest = found.find(({ policyName }) => policyName === "image-by-digest");
    assert.equal(byDigest?.level, "MANDATORY");
    assert.match(byDigest.message, /^A tag can be moved to other bytes; a digest names what was tested\.\n/);
    assert.match(
      byDigest.message,
      /\ncontainer web runs registry\.example\.com\/team\/app:v1\.1, which names no digest\n/,
    );
    assert.match(byDigest.message, /\nRemedy: use REPOSITORY@sha256:…/);
    assert.ok(found.some(({ policyName, message }) => policyName === "pod-restricted" && /hostNetwork/.test(message)));
  });

  it("goes on with what a preview knows, and has nothing against what it doesn't", async () => {
    const found = await pack.analyze(deployment, pod(notYetKnown));
    assert.ok(found.some(({ message }) => /hostNetwork/.test(message)));
    assert.deepEqual(
      found.filter(({ policyName, message }) => /^image-/.test(policyName) || /during preview/.test(message)),
      [],
    );
  });

  it("takes what was set for a rule, and the defaults of the rest", async () => {
    const registries = async () =>
      (await pack.analyze(deployment, pod("registry.example.com/team/app:v1.1")))
        .filter(({ policyName }) => policyName === "image-registry")
        .map(({ message }) => /allowed: .*/.exec(message)?.[0]);
    assert.match((await registries())[0] ?? "", /^allowed: docker\.io\/library, /);
    await pack.configure("image-registry", { registries: ["registry.example.com"] });
    assert.deepEqual(await registries(), []);
    await pack.configure("image-registry", { registries: ["registry.example.com/other"] });
    assert.deepEqual(await registries(), ["allowed: registry.example.com/other"]);
  });

  it("ends when the engine hangs up", async () => {
    const other = await RunningPack.start();
    await other.info();
    other.hangUp();
    await assert.rejects(async () => {
      for (;;) await other.info();
    }, /UNAVAILABLE/);
    await other.stop();
  });

  it("tells the engine that it could not start, and why", async () => {
    await assert.rejects(RunningPack.start("tests"), /^Error: it ended: [\s\S]*tests/);
  });
});
