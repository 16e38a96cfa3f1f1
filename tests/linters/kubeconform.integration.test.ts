import assert from "node:assert/strict";
import { type Control, eachPod, edit, requiresControls } from "./controls.ts";
import { kubeconform } from "./lint.ts";
import { strictSchemas } from "./schemas.ts";

const web = /^Deployment web-/;

const controls: Control[] = [
  {
    what: "only known fields",
    remove: eachPod((spec) => Object.assign(spec, { automountServiceAcountToken: false })),
    expect: /^statusInvalid .*automountServiceAcountToken/,
  },
  {
    what: "the right types",
    remove: edit("Deployment", (each) => Object.assign(each.spec, { minReadySeconds: "5" })),
    expect: /^statusInvalid .*minReadySeconds/,
    objects: web,
  },
  {
    what: "the required fields",
    remove: edit("Deployment", (each) => delete each.spec.selector),
    expect: /^statusInvalid .*selector/,
    objects: web,
  },
  {
    what: "a kind that exists",
    remove: edit("Deployment", (each) => Object.assign(each, { apiVersion: "apps/v1beta1" })),
    expect: /^statusError .*schema/,
    objects: web,
  },
];

describe("kubeconform", () => requiresControls(kubeconform, controls));

describe("The schemas for kubeconform", () => {
  const definitions = {
    "api.Thing": {
      description: "A thing.",
      type: "object",
      properties: { port: { $ref: "#/definitions/api.Port" }, description: { type: "string", description: "Text." } },
      "x-kubernetes-group-version-kind": [{ group: "things.example.com", version: "v1", kind: "Thing" }],
    },
    "api.Port": { type: "string", format: "int-or-string" },
    "api.Other": { type: "object" },
    "api.Options": {
      "x-kubernetes-group-version-kind": [
        { group: "", version: "v1", kind: "Options" },
        { group: "a", version: "v1", kind: "Options" },
      ],
    },
  };
  const files = strictSchemas({ definitions });

  it("have one file for each kind, under the name that kubeconform uses", () => {
    assert.deepEqual(Object.keys(files), ["thing-things-v1.json"]);
  });

  it("contain all referenced definitions and refuse unknown fields", () => {
    assert.deepEqual(files["thing-things-v1.json"], {
      required: ["apiVersion", "kind"],
      allOf: [{ $ref: "#/definitions/api.Thing" }],
      definitions: {
        "api.Thing": {
          type: "object",
          properties: { port: { $ref: "#/definitions/api.Port" }, description: { type: "string" } },
          additionalProperties: false,
          "x-kubernetes-group-version-kind": [{ group: "things.example.com", version: "v1", kind: "Thing" }],
        },
        "api.Port": { type: ["integer", "string"] },
      },
    });
  });
});
