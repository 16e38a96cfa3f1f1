import assert from "node:assert/strict";
import { packageSchema } from "../../plugin/package-schema.ts";

const { resources, types } = packageSchema();
const component = (name: string) => {
  const found = resources[`slipway:index:${name}`];
  assert.ok(found);
  return found;
};

describe("The package schema", () => {
  it("has the three components", () => {
    assert.deepEqual(
      Object.entries(resources).map(([token, { isComponent }]) => [token, isComponent]),
      [
        ["slipway:index:Release", true],
        ["slipway:index:Database", true],
        ["slipway:index:WebApp", true],
      ],
    );
  });

  for (const [name, required] of Object.entries({
    Release: ["repository", "build"],
    Database: ["namespace", "password", "image", "storage"],
    WebApp: ["namespace", "image", "port", "probes"],
  }))
    it(`requires only ${required.join(", ")} of a ${name}`, () => {
      assert.deepEqual(component(name).requiredInputs, required);
    });

  it("gives arguments the type, the description and the default of the setting", () => {
    assert.deepEqual(component("WebApp").inputProperties.stopSeconds, {
      type: "integer",
      items: undefined,
      additionalProperties: undefined,
      plain: true,
      description: "Seconds after that for requests in progress to finish. Default: 30.",
    });
  });

  it("makes a type of its own of each group of settings, and a union of alternatives", () => {
    const { inputProperties } = component("WebApp");
    assert.equal(inputProperties.probes?.$ref, "#/types/slipway:index:WebAppProbes");
    assert.deepEqual(types["slipway:index:WebAppProbes"]?.required, ["live", "ready"]);
    assert.deepEqual(
      inputProperties.replicas?.oneOf?.map(({ type, $ref }) => type ?? $ref),
      ["integer", "#/types/slipway:index:WebAppReplicas"],
    );
  });

  it("takes values of other resources for what decides about no resource", () => {
    const inputs = Object.values(resources).flatMap(({ inputProperties }) => Object.entries(inputProperties));
    const plain = inputs.filter(([, { plain }]) => !plain).map(([name]) => name);
    assert.deepEqual(plain, ["namespace", "password", "namespace", "image", "pullSecret", "database"]);
  });

  it("marks the password as secret, and lets secrets by name come from other resources", () => {
    assert.equal(component("Database").inputProperties.password?.secret, true);
    for (const name of ["Release", "WebApp"])
      assert.deepEqual(component(name).inputProperties.secrets?.additionalProperties, { type: "string" });
  });

  it("lets a WebApp refer to its Database", () => {
    assert.equal(component("WebApp").inputProperties.database?.$ref, "#/resources/slipway:index:Database");
  });

  it("has a type for every reference to one", () => {
    const references = [...JSON.stringify(packageSchema()).matchAll(/"#\/types\/([^"]+)"/g)].map(([, token]) => token);
    assert.deepEqual([...new Set(references)].sort(), Object.keys(types).sort());
  });
});
