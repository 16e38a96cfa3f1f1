import assert from "node:assert/strict";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { outputs, render } from "../../commands/environments/render.ts";
import { safeguard } from "../../preflight/safeguard.ts";
import { fileOf, files } from "../commands/environments/committed.ts";
import { deploy, only, resolved } from "../deploy.ts";

const all = ["claim database-data", "cluster cluster", "namespace app"];

describe("safeguard", () => {
  it("returns the stack's claims, namespaces and clusters", async () => {
    const { guarded } = await outputs(fileOf("dev"));
    assert.deepEqual(await resolved(guarded as pulumi.Output<string[]>), all);
    const { guarded: inProd } = await outputs(fileOf("prod"));
    assert.ok((await resolved(inProd as pulumi.Output<string[]>)).includes("claim database-backups-data"));
  });

  it("refuses a program that no longer declares one of the last update", async () => {
    const { guarded } = await outputs(fileOf("dev"), { guarded: [...all, "claim uploads"] });
    await assert.rejects(
      resolved(guarded as pulumi.Output<string[]>),
      /stack dev would lose what it keeps; nothing was changed\.\n {2}- claim uploads would be deleted\n[\s\S]*pulumi destroy --stack dev/,
    );
  });

  it("attaches its hook to each of them, and to nothing else", async () => {
    const { resources } = await deploy(() => {
      safeguard(all);
      const provider = new k8s.Provider("cluster");
      new k8s.core.v1.Namespace("app", {}, { provider });
      new k8s.core.v1.PersistentVolumeClaim("database-data", {}, { provider });
      new k8s.core.v1.ConfigMap("facts", {}, { provider });
    });
    const guarded = resources.filter(({ beforeCreate }) => beforeCreate.includes("safeguard"));
    assert.deepEqual(guarded.map(({ name }) => name).sort(), ["app", "cluster", "database-data"]);
    assert.equal(only(resources, "kubernetes:core/v1:ConfigMap").beforeCreate.length, 0);
  });

  it("applies every object of every environment over manual changes", async () => {
    for (const file of files) {
      const objects = (await render(file)).filter(({ manifest }) => manifest);
      assert.ok(objects.length > 10);
      for (const { name, object } of objects) {
        const { annotations } = object.metadata as { annotations?: Record<string, string> };
        assert.equal(annotations?.["pulumi.com/patchForce"], "true", `${file.stack} ${name}`);
      }
    }
  });
});
