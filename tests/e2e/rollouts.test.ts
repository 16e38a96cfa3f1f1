import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { eventually } from "../../sandbox/eventually.ts";
import { Load } from "./load.ts";
import { Project } from "./project.ts";

const url = "http://localhost:30087";
const newRevision = "app/migrations/versions/0003_mood.py";
/** A version whose schema is newer, which the one before it knows nothing of. */
const expandingRevision = `
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN mood text")
`;

describe("Rollouts under constant load, end to end", () => {
  const project = new Project("rollouts");
  let load: Load;
  let deployment = "";

  /** Names of the pods, once those that were told to stop are gone and so many are ready. */
  const settled = (count: number): Promise<string[]> =>
    eventually(async () => {
      const pods = await project.kubectl("get", "pods", "--selector=app.kubernetes.io/component=web", "--no-headers");
      const lines = pods.trim().split("\n");
      assert.equal(lines.length, count, pods);
      for (const line of lines) assert.match(line, /1\/1 +Running/);
      return lines.map((line) => line.split(" ")[0] ?? "");
    }, 90);

  /** The revision that the database is at. */
  const schema = () => project.query("SELECT version_num FROM alembic_version");

  const field = (path: string) => project.kubectl("get", deployment, `--output=jsonpath={${path}}`);

  /** Nothing of what was done so far cost a request. */
  const noneFailed = (what: string) => {
    const { requests, failed, failures, slowest } = load.result;
    console.log(`      ${what}: ${requests} requests so far, ${failed} failed, the slowest took ${slowest} ms`);
    assert.deepEqual(failures, []);
  };

  before(async () => {
    project.configure((config) => {
      Object.assign(config["slipway:web"], { nodePort: 30087, deadlineSeconds: 30 });
    });
    await project.create();
    await project.up();
    deployment = (await project.kubectl("get", "deployments", "--output", "name")).trim();
    await eventually(async () => assert.equal((await fetch(url)).status, 200));
    load = new Load({ url });
  });

  after(async () => {
    await load?.stop();
    await project.remove();
  });

  it("loses no request when a version with a newer schema is deployed, and none when it is rolled back", async () => {
    const before = await project.output("image");
    writeFileSync(project.path(newRevision), expandingRevision);
    await project.up();
    assert.notEqual(await project.output("image"), before);
    assert.equal(await schema(), "0003");
    noneFailed("deployed");
    rmSync(project.path(newRevision));
    await project.up();
    assert.equal(await project.output("image"), before);
    noneFailed("rolled back");
  });

  it("loses no request when it is scaled up and down", async () => {
    for (const replicas of [4, 1, 2]) {
      project.configure((config) => {
        config["slipway:web"].replicas = replicas;
      });
      await project.up();
      await settled(replicas);
      noneFailed(`scaled to ${replicas}`);
    }
  });

  it("stops no pod when an autoscaler takes over from a fixed number, and leaves its number alone", async () => {
    project.configure((config) => {
      config["slipway:web"].replicas = { min: 2, max: 3 };
    });
    const pods = await settled(2);
    await project.up();
    assert.deepEqual(await settled(2), pods);
    // As the autoscaler does it, for which the sandbox measures nothing.
    await project.kubectl("scale", deployment, "--replicas=3");
    project.configure((config) => {
      config["slipway:web"].environment.LOG_LEVEL = "debug";
    });
    await project.up();
    assert.equal(await field(".spec.replicas"), "3");
    const { code, stdout } = await project.preview("--refresh", "--expect-no-changes");
    assert.equal(code, 0, stdout);
    project.configure((config) => {
      config["slipway:web"].replicas = 2;
    });
    await project.up();
    await settled(2);
    noneFailed("autoscaled");
  });

  it("loses no request when a pod is evicted", async () => {
    const [pod = ""] = await settled(2);
    const eviction = project.path("eviction.json");
    const metadata = { name: pod, namespace: project.namespace };
    writeFileSync(eviction, JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata }));
    const path = `/api/v1/namespaces/${project.namespace}/pods/${pod}/eviction`;
    await project.kubectl("create", "--raw", path, "--filename", eviction);
    await project.kubectl("wait", "pod", pod, "--for=delete", "--timeout=90s");
    assert.ok(!(await settled(2)).includes(pod));
    noneFailed("evicted");
  });

  it("names what was changed by hand, in whatever way, and takes it back without a conflict", async () => {
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
    noneFailed("taken back");
  });

  it("deploys over a change by hand that nobody knows of", async () => {
    await project.kubectl("set", "env", deployment, "APP_ENVIRONMENT=by-hand");
    project.configure((config) => {
      config["slipway:web"].environment.APP_ENVIRONMENT = "urgent";
    });
    await project.up();
    assert.equal(await field('.spec.template.spec.containers[0].env[?(@.name=="APP_ENVIRONMENT")].value'), "urgent");
    noneFailed("deployed over it");
  });
});
