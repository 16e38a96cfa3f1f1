import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { eventually } from "../../sandbox/eventually.ts";
import { cluster } from "../../sandbox/paths.ts";
import { Project } from "./project.ts";

describe("The project of a test, end to end", () => {
  const namespace = (project: Project) =>
    project.kubectl("get", "namespace", project.namespace, "--ignore-not-found", "--output=name");
  const volumes = async (project: Project) =>
    (await project.objects("pv")).filter(({ spec }) => spec.claimRef?.namespace === project.namespace);

  it("begins without the namespace and the volumes of an interrupted run", async () => {
    const project = new Project("left-behind");
    try {
      await project.kubectl("create", "namespace", project.namespace);
      const metadata = { name: "left" };
      const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } };
      const image = `${cluster.registry}/library/busybox:1`;
      const objects = [
        { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: claim },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata,
          spec: {
            containers: [{ name: "left", image, command: ["true"] }],
            restartPolicy: "Never",
            volumes: [{ name: "left", persistentVolumeClaim: { claimName: "left" } }],
          },
        },
      ];
      writeFileSync(project.path("left.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
      await project.kubectl("create", "--filename", project.path("left.json"));
      await project.kubectl("wait", "pod", "left", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s");
      assert.equal((await volumes(project)).length, 1);
      await project.create();
      assert.equal(await namespace(project), "");
      await eventually(async () => assert.deepEqual(await volumes(project), []));
    } finally {
      await project.remove();
    }
  });

  it("reports that it cannot be destroyed, and leaves no namespace behind", async () => {
    const project = new Project("not-destroyed");
    await project.create();
    await project.kubectl("create", "namespace", project.namespace);
    project.env.PULUMI_CONFIG_PASSPHRASE = "a wrong one";
    await assert.rejects(project.remove(), /pulumi destroy --stack not-destroyed failed:.*passphrase/s);
    assert.equal(await namespace(project), "");
    assert.ok(!existsSync(project.folder));
  });
});
