import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { eventually } from "../../sandbox/eventually.ts";
import { Load } from "./load.ts";
import { Noticeboard } from "./noticeboard.ts";
import { Project } from "./project.ts";
import { addRevision, removeRevision } from "./revision.ts";

const board = new Noticeboard(30087);

describe("Rollouts under constant load, end to end", () => {
  const project = new Project("rollouts");
  let load: Load;
  let deployment = "";

  /** Waits until this number of pods is ready and no other is left, and returns their names. */
  const settled = (count: number): Promise<string[]> =>
    eventually(async () => {
      const pods = await project.kubectl("get", "pods", "--selector=app.kubernetes.io/component=web", "--no-headers");
      const lines = pods.trim().split("\n");
      assert.equal(lines.length, count, pods);
      for (const line of lines) assert.match(line, /1\/1 +Running/);
      return lines.map((line) => line.split(" ")[0] ?? "");
    }, 90);

  /** Revision of the database's schema. */
  const schema = () => project.query("SELECT version_num FROM alembic_version");

  const field = (path: string) => project.field(deployment, path);

  before(async () => {
    await project.deploy({ nodePort: 30087, deadlineSeconds: 30 });
    deployment = (await project.kubectl("get", "deployments", "--output", "name")).trim();
    await board.ready();
    load = new Load(board.url);
  });

  after(async () => {
    await load?.stop();
    await project.remove();
  });

  it("lose no request if a version with a newer schema is deployed and rolled back", async () => {
    const before = await project.output("image");
    // The previous version does not know this revision.
    addRevision(project, "ALTER TABLE messages ADD COLUMN mood text");
    await project.up();
    assert.notEqual(await project.output("image"), before);
    assert.equal(await schema(), "0003");
    load.assertNoneFailed("deployed");
    removeRevision(project);
    await project.up();
    assert.equal(await project.output("image"), before);
    load.assertNoneFailed("rolled back");
  });

  it("lose no request if the application is scaled up and down", async () => {
    for (const replicas of [4, 1, 2]) {
      project.set("web", { replicas: replicas });
      await project.up();
      await settled(replicas);
      load.assertNoneFailed(`scaled to ${replicas}`);
    }
  });

  it("stop no pod if an autoscaler replaces a fixed number, and keep the autoscaler's number", async () => {
    project.set("web", { replicas: { min: 2, max: 3 } });
    const pods = await settled(2);
    await project.up();
    assert.deepEqual(await settled(2), pods);
    // In place of the autoscaler, which has no metrics here.
    await project.kubectl("scale", deployment, "--replicas=3");
    project.set("web.environment", { LOG_LEVEL: "debug" });
    await project.up();
    assert.equal(await field(".spec.replicas"), "3");
    await project.assertNoChanges("--refresh");
    project.set("web", { replicas: 2 });
    await project.up();
    await settled(2);
    load.assertNoneFailed("autoscaled");
  });

  it("lose no request if a pod is evicted", async () => {
    const [pod = ""] = await settled(2);
    const eviction = project.path("eviction.json");
    const metadata = { name: pod, namespace: project.namespace };
    writeFileSync(eviction, JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata }));
    const path = `/api/v1/namespaces/${project.namespace}/pods/${pod}/eviction`;
    await project.kubectl("create", "--raw", path, "--filename", eviction);
    await project.kubectl("wait", "pod", pod, "--for=delete", "--timeout=90s");
    assert.ok(!(await settled(2)).includes(pod));
    load.assertNoneFailed("evicted");
  });

  it("name every change by hand, and revert it without a conflict", async () => {
    await project.kubectl("scale", deployment, "--replicas=3");
    await project.kubectl("set", "env", deployment, "APP_ENVIRONMENT=by-hand");
    await project.kubectl("patch", deployment, "--patch", '{"spec":{"revisionHistoryLimit":7}}');
    const [apiVersion, kind, name] = ["apps/v1", "Deployment", deployment.split("/")[1]];
    const applied = { apiVersion, kind, metadata: { name }, spec: { progressDeadlineSeconds: 999 } };
    writeFileSync(project.path("by-hand.json"), JSON.stringify(applied));
    const manager = ["--server-side", "--force-conflicts", "--field-manager=somebody"];
    await project.kubectl("apply", ...manager, "--filename", project.path("by-hand.json"));

    const { code, stdout } = await project.preview("--refresh", "--diff");
    assert.equal(code, 0, stdout);
    for (const changed of ["replicas", "by-hand", "revisionHistoryLimit", "progressDeadlineSeconds"])
      assert.ok(stdout.includes(changed), `${changed} is not named in:\n${stdout}`);

    await project.up("--refresh");
    assert.equal(await field(".spec.replicas"), "2");
    assert.equal(await field('.spec.template.spec.containers[0].env[?(@.name=="APP_ENVIRONMENT")].value'), "dev");
    assert.equal(await field(".spec.revisionHistoryLimit"), "3");
    assert.equal(await field(".spec.progressDeadlineSeconds"), "30");
    load.assertNoneFailed("reverted");
  });

  it("overwrite a change by hand that was not refreshed", async () => {
    await project.kubectl("set", "env", deployment, "APP_ENVIRONMENT=by-hand");
    project.set("web.environment", { APP_ENVIRONMENT: "urgent" });
    await project.up();
    assert.equal(await field('.spec.template.spec.containers[0].env[?(@.name=="APP_ENVIRONMENT")].value'), "urgent");
    load.assertNoneFailed("deployed over it");
  });
});
