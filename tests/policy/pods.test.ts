import assert from "node:assert/strict";
import { containersOf, kindOf } from "../../policy/pods.ts";
import type { Props } from "../../policy/rule.ts";

const spec = {
  initContainers: [{ name: "first" }],
  containers: [{ name: "main" }],
  ephemeralContainers: [{ name: "debugger" }],
};
const template = { template: { spec } };

/** Every kind that creates pods. */
const makers: readonly (readonly [type: string, props: Props])[] = [
  ["core/v1:Pod", { spec }],
  ["core/v1:PodTemplate", template],
  ["apps/v1:Deployment", { spec: template }],
  ["apps/v1:StatefulSet", { spec: template }],
  ["apps/v1:DaemonSet", { spec: template }],
  ["apps/v1:ReplicaSet", { spec: template }],
  ["core/v1:ReplicationController", { spec: template }],
  ["batch/v1:Job", { spec: template }],
  ["batch/v1:CronJob", { spec: { jobTemplate: { spec: template } } }],
];

describe("The containers of", () => {
  const containers = (type: string, props: Props) =>
    containersOf({ type, name: "it", urn: "", props, protect: false }).map(({ name, init }) => [name, init]);

  for (const [type, props] of makers)
    it(`${type} are all containers of its pod`, () =>
      assert.deepEqual(containers(`kubernetes:${type}`, props), [
        ["first", true],
        ["main", false],
        ["debugger", false],
      ]));

  for (const [type, props] of makers)
    it(`${type}Patch are those that the patch changes`, () =>
      assert.deepEqual(
        containers(`kubernetes:${type}Patch`, props).map(([name]) => name),
        ["first", "main", "debugger"],
      ));

  it("other resources are none", () => {
    assert.deepEqual(containers("kubernetes:core/v1:Service", { spec }), []);
    assert.deepEqual(containers("aws:ecs/service:Deployment", { spec: template }), []);
    assert.equal(kindOf({ type: "aws:ecs/service:Deployment" }), undefined);
    assert.equal(kindOf({ type: "kubernetes:example.com/v1:Patch" }), "Patch");
  });
});
