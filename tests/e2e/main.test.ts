import assert from "node:assert/strict";
import { chmodSync, cpSync } from "node:fs";
import { join } from "node:path";
import { ImageRepository } from "../../registry/repository.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { Noticeboard } from "./noticeboard.ts";
import { killProcesses } from "./processes.ts";
import { Project } from "./project.ts";
import { assertUntouched } from "./untouched.ts";

const board = new Noticeboard(30092);

describe("An application and its database, end to end", () => {
  const project = Project.forSuite("main");

  /** Works with a changed copy of the file or folder that an environment variable names. */
  async function withChanged<T>(
    variable: "BUILDX_CONFIG" | "KUBECONFIG",
    file: string,
    [from, to]: [RegExp, string],
    work: () => Promise<T>,
  ): Promise<T> {
    const before = project.env[variable] ?? "";
    cpSync(before, project.path(variable), { recursive: true });
    project.edit(join(variable, file), (text) => text.replace(from, to));
    project.env[variable] = project.path(variable);
    try {
      return await work();
    } finally {
      project.env[variable] = before;
    }
  }

  before(async () => {
    project.set("web", { nodePort: 30092 });
    project.set("web.environment", { APP_ENVIRONMENT: "e2e" });
    await project.create();
  });

  it("is previewed on an empty cluster", async () => {
    assert.match(await project.ok("preview", "--stack", project.stack), /StatefulSet\s+database/);
  });

  it("names a cluster that cannot be reached", async () => {
    const output = await withChanged("KUBECONFIG", "", [/127\.0\.0\.1:\d+/, "127.0.0.1:1"], () => project.failingUp());
    assert.match(output, /cluster slipway-sandbox at 127\.0\.0\.1:1: connection refused\n +start it.*npm run up/);
  });

  it("is deployed, and serves a page that shows environment, image and host", async () => {
    await project.up();
    assert.equal(await project.output("url"), board.url);
    const page = await eventually(() => fetch(board.url).then((response) => response.text()));
    const image = await project.output("image");
    assert.match(image, /^localhost:5000\/noticeboard@sha256:[0-9a-f]{64}$/);
    assert.ok(page.includes(image.split("@")[1] ?? ""), page);
    assert.match(page, /e2e/);
    assert.match(page, /web-[0-9a-f]{8}-/);
  });

  it("stores a message", async () => {
    await board.post("the first message");
    assert.ok((await board.texts()).includes("the first message"));
  });

  it("has nothing to do the second time", async () => {
    await project.assertNoChanges();
    assert.match(await project.up(), /unchanged/);
  });

  it("has nothing to do if Pulumi's SDK is loaded without changes", async () => {
    project.env.SLIPWAY_LAZY_SDK = "off";
    try {
      await project.assertNoChanges();
      assert.match(await project.up(), /unchanged/);
    } finally {
      delete project.env.SLIPWAY_LAZY_SDK;
    }
  });

  it("has nothing to do if the source was checked out with another umask", async () => {
    chmodSync(project.path("app", "Dockerfile"), 0o600);
    chmodSync(project.path("app", "noticeboard"), 0o700);
    await project.assertNoChanges();
  });

  it("runs a database server whose settings fit its memory", async () => {
    const limit = '.spec.containers[?(@.name=="postgres")].resources.limits.memory';
    assert.equal(await project.field("pod/database-0", limit), "256Mi");
    const sql = "SELECT current_setting('shared_buffers') || ' ' || current_setting('effective_cache_size')";
    assert.equal(await project.query(sql), "64MB 128MB");
  });

  it("keeps every message if the database's pod is deleted, and stops the server cleanly", async () => {
    await board.post("before the pod was deleted");
    await project.kubectl("delete", "pod", "database-0", "--wait=true");
    await board.has("before the pod was deleted");
    const log = await project.kubectl("logs", "database-0", "--container=postgres");
    assert.match(log, /database system was shut down at/);
    assert.doesNotMatch(log, /not properly shut down|automatic recovery|redo starts/);
  });

  it("replaces a database pod that never became ready, and keeps every message", async () => {
    await board.post("before the database was broken");
    await project.kubectl("set", "image", "statefulset/database", "postgres=localhost:5000/noticeboard:none");
    await eventually(
      async () => assert.match(await project.kubectl("get", "pod", "database-0"), /ErrImagePull|ImagePullBackOff/),
      120,
    );
    await project.up("--refresh");
    await board.has("before the database was broken");
  });

  it("keeps every message if all containers of the node are killed", async () => {
    await board.post("before the containers were killed");
    const killed = killProcesses("/kubepods", /gunicorn|postgres: |^postgres/);
    assert.ok(killed >= 4, "a database and two web pods have more processes than that");
    await board.has("before the containers were killed");
    const ready = ["--for=condition=Ready", "--timeout=120s"];
    await project.kubectl("wait", "pod", "--all", ...ready, "--selector=app.kubernetes.io/name");
  });

  it("rolls out a change of the source, without a migration if it has none", async () => {
    const before = await project.output("image");
    const jobs = () => project.kubectl("get", "jobs", "--selector=app.kubernetes.io/component=web", "--output=name");
    const earlier = await jobs();
    project.edit("app/noticeboard/__init__.py", (text) => `${text}\n# one line more\n`);
    const preview = await project.preview("--diff");
    assert.match(preview.stdout, /spec\.template|image/);
    await project.up();
    assert.notEqual(await project.output("image"), before);
    assert.match(earlier, /^job\.batch\/web-migration-\w+\n$/);
    assert.equal(await jobs(), earlier);
    assert.ok((await board.texts()).includes("the first message"));
  });

  it("shows a change by hand in a refresh", async () => {
    await project.kubectl("scale", "deployments", "--all", "--replicas=3");
    const drift = await project.ok("refresh", "--preview-only", "--stack", project.stack, "--diff");
    assert.match(drift, /replicas/);
    await project.kubectl("scale", "deployments", "--all", "--replicas=2");
  });

  it("reports all invalid settings at once, and contacts nothing", async () => {
    const output = await project.refusedPreview((config) => {
      config["slipway:web"].port = "http";
      config["slipway:colour"] = "red";
    });
    assert.match(output, /2 problems in Pulumi\.main\.yaml; nothing was contacted/);
    assert.match(output, /pulumi config set --stack main --path 'slipway:web\.port' 8000/);
    assert.match(output, /pulumi config rm --stack main --path 'slipway:colour'/);
  });

  it("shows why a Dockerfile does not build, and leaves the running version as it is", async () => {
    const generation = () => project.field("deployments", ".items[*].metadata.generation");
    const before = await generation();
    project.edit("app/Dockerfile", (text) => `${text}RUN echo about-to-fail && exit 3\n`);
    const output = await project.failingUp();
    assert.match(output, /about-to-fail/);
    assert.match(output, /exit code: 3/);
    assert.equal(await generation(), before);
    assert.ok((await board.texts()).includes("the first message"));
    project.edit("app/Dockerfile", (text) => text.replace(/RUN echo about-to-fail.*\n/, ""));
  });

  it("names a registry that cannot be reached, and changes nothing", async () => {
    project.set("release", { repository: "localhost:5999/noticeboard" });
    const output = await assertUntouched(project, () => project.failingUp());
    assert.match(output, /registry at localhost:5999: connection refused/);
    project.set("release", { repository: "localhost:5000/noticeboard" });
  });

  it("names a builder that cannot be reached, and changes nothing", async () => {
    project.edit("app/noticeboard/__init__.py", (text) => `${text}\n# not built before\n`);
    const output = await assertUntouched(project, () =>
      withChanged("BUILDX_CONFIG", "instances/sandbox", [/buildkitd\.sock/, "nowhere.sock"], () => project.failingUp()),
    );
    assert.match(output, /builder sandbox at .*nowhere\.sock: no such socket\n +start its buildkitd.*npm run up/);
  });

  it("is deleted by destroy, except the image and the volume's data", async () => {
    const image = await project.output("image");
    const volume = await project.field("pvc/database-data", ".spec.volumeName");
    await project.ok("destroy", "--yes", "--skip-preview", "--stack", project.stack);
    await assert.rejects(project.kubectl("get", "namespace", project.namespace), /not found/);
    const [repository = "", digest = ""] = image.split("@");
    assert.ok(await new ImageRepository(repository).manifest(digest));
    assert.equal(await project.field(`pv/${volume}`, ".status.phase"), "Released");
  });
});
