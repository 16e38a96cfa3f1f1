import assert from "node:assert/strict";
import type { Fields } from "../../../commands/cli/fields.ts";
import { digest } from "../../../commands/environments/capture-resources.ts";
import { engineConfig, manifests, type Resource, render } from "../../../commands/environments/render.ts";
import { UserError } from "../../../settings/user-error.ts";
import { fileOf, rendered } from "./committed.ts";

const names = (resources: Resource[]) => resources.map(({ kind, name }) => `${kind} ${name}`);

describe("Rendering an environment", () => {
  it("runs the program, and returns the objects as they would be sent", async () => {
    const resources = await rendered("prod");
    const deployment = resources.find(({ kind, name }) => kind === "Deployment" && name === "web");
    assert.ok(deployment);
    const { apiVersion, metadata, spec } = deployment.object as Record<string, Fields>;
    assert.equal(apiVersion, "apps/v1");
    assert.equal(metadata?.name, "web-0a1b2c3d");
    assert.equal(metadata?.namespace, "noticeboard");
    assert.ok(
      JSON.stringify(spec).includes(
        `"image":"111122223333.dkr.ecr.eu-north-1.amazonaws.com/team/noticeboard@${digest}"`,
      ),
    );
  });

  it("gives every object a kind, an apiVersion and a name", async () => {
    for (const object of manifests(await rendered("dev"))) {
      assert.ok(object.kind && object.apiVersion && (object.metadata as Fields).name, JSON.stringify(object));
    }
  });

  it("returns resource options of Pulumi", async () => {
    const claim = (await rendered("prod")).find(
      ({ kind, name }) => `${kind} ${name}` === "PersistentVolumeClaim database-data",
    );
    assert.equal(claim?.options.protect, true);
    assert.equal(claim?.options.retainOnDelete, true);
  });

  it("contacts nothing, and uses placeholders for secrets", async () => {
    const nowhere = { context: "no-such-context" };
    const file = { ...fileOf("test"), config: { ...fileOf("test").config, "slipway:cluster": nowhere } };
    assert.ok(JSON.stringify(await render(file)).includes("placeholder-for-databasePassword"));
  });

  it("returns the same for the same settings each time", async () => {
    const first = await render(fileOf("test"));
    await render(fileOf("prod"));
    assert.deepEqual(await render(fileOf("test")), first);
  });

  it("includes a build only in environments that build", async () => {
    assert.ok(names(await rendered("test")).includes("docker-build Image app"));
    assert.deepEqual(
      names(await rendered("staging")).filter((name) => name.startsWith("docker-build")),
      [],
    );
  });

  it("refuses wrong settings with the message of a preview", async () => {
    const file = { ...fileOf("prod"), config: { ...fileOf("prod").config, "slipway:namespace": "No Such Name" } };
    await assert.rejects(render(file), (error: Error) => {
      assert.ok(error.message.includes('slipway:namespace is "No Such Name"'), error.message);
      return error instanceof UserError;
    });
  });

  it("leaves no settings behind", async () => {
    const before = process.env.PULUMI_CONFIG_SECRET_KEYS;
    await render(fileOf("dev"));
    assert.equal(process.env.PULUMI_CONFIG_SECRET_KEYS, before);
  });
});

describe("The configuration of a rendered environment", () => {
  it("has texts unchanged and other values as JSON, as the engine passes them", () => {
    const { config, encrypted } = engineConfig({ config: { a: "text", b: { c: [1, true] }, d: 5 } });
    assert.deepEqual(config, { a: "text", b: '{"c":[1,true]}', d: "5" });
    assert.deepEqual(encrypted, []);
  });

  it("has a placeholder for every secret, also inside a mapping or a list", () => {
    const { config, encrypted } = engineConfig({
      config: { p: { secure: "v1:x" }, s: { A: { secure: "v1:y" }, B: ["plain", { secure: "v1:z" }] } },
    });
    assert.equal(config.p, "placeholder-for-p");
    assert.deepEqual(JSON.parse(config.s ?? ""), { A: "placeholder-for-s.A", B: ["plain", "placeholder-for-s.B.1"] });
    assert.deepEqual(encrypted, ["p", "s"]);
  });

  it("has a password for a database if the file lacks it, and none without a database", () => {
    assert.deepEqual(engineConfig({ config: { "slipway:database": {} } }).encrypted, ["slipway:databasePassword"]);
    assert.deepEqual(engineConfig({ config: {} }).encrypted, []);
  });
});
