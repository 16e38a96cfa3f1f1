import assert from "node:assert/strict";
import { chmodSync, cpSync } from "node:fs";
import { join } from "node:path";
import { ImageRepository } from "../../registry/repository.ts";
import { attempt } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { environment } from "../../sandbox/paths.ts";
import { Project } from "./project.ts";
import { leavesAlone } from "./untouched.ts";

const url = "http://localhost:30092";

interface Message {
  readonly text: string;
}

async function post(text: string): Promise<void> {
  const response = await fetch(`${url}/api/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });
  assert.equal(response.status, 201, await response.text());
}

async function messages(): Promise<string[]> {
  const response = await fetch(`${url}/api/messages?limit=100`);
  assert.equal(response.status, 200);
  const page = (await response.json()) as { messages: Message[] };
  return page.messages.map(({ text }) => text);
}

describe("An application and its database, end to end", () => {
  const project = new Project("main");

  /** Does something while a variable names a copy of what it names otherwise, in which a file says something else. */
  async function withElsewhere<T>(
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
    project.configure((config) => {
      config["slipway:web"].nodePort = 30092;
      config["slipway:web"].environment.APP_ENVIRONMENT = "e2e";
    });
    await project.create();
  });

  after(() => project.remove());

  it("previews on an empty cluster", async () => {
    const { code, stdout } = await project.preview();
    assert.equal(code, 0, stdout);
    assert.match(stdout, /StatefulSet\s+database/);
  });

  it("names a cluster that is out of reach", async () => {
    const output = await withElsewhere("KUBECONFIG", "", [/127\.0\.0\.1:\d+/, "127.0.0.1:1"], () =>
      project.failingUp(),
    );
    assert.match(output, /cluster slipway-sandbox at 127\.0\.0\.1:1: connection refused\n +start it.*npm run up/);
  });

  it("comes up and serves a page that shows environment, image and host", async () => {
    await project.up();
    assert.equal(await project.output("url"), url);
    const page = await eventually(() => fetch(url).then((response) => response.text()));
    const image = await project.output("image");
    assert.match(image, /^localhost:5000\/noticeboard@sha256:[0-9a-f]{64}$/);
    assert.ok(page.includes(image.split("@")[1] ?? ""), page);
    assert.match(page, /e2e/);
    assert.match(page, /web-[0-9a-f]{8}-/);
  });

  it("keeps a message", async () => {
    await post("kept");
    assert.ok((await messages()).includes("kept"));
  });

  it("has nothing to do the second time", async () => {
    const { code, stdout } = await project.preview("--expect-no-changes");
    assert.equal(code, 0, stdout);
    assert.match(await project.up(), /unchanged/);
  });

  it("has nothing to do if Pulumi's SDK is loaded as it comes", async () => {
    project.env.SLIPWAY_LAZY_SDK = "off";
    try {
      const { code, stdout } = await project.preview("--expect-no-changes");
      assert.equal(code, 0, stdout);
      assert.match(await project.up(), /unchanged/);
    } finally {
      delete project.env.SLIPWAY_LAZY_SDK;
    }
  });

  it("has nothing to do where another umask checked the source out", async () => {
    chmodSync(project.path("app", "Dockerfile"), 0o600);
    chmodSync(project.path("app", "noticeboard"), 0o700);
    const { code, stdout } = await project.preview("--expect-no-changes");
    assert.equal(code, 0, stdout);
  });

  it("runs a server whose settings fit its memory", async () => {
    const limit = '{.spec.containers[?(@.name=="postgres")].resources.limits.memory}';
    assert.equal(await project.kubectl("get", "pod", "database-0", `--output=jsonpath=${limit}`), "256Mi");
    const sql = "SELECT current_setting('shared_buffers') || ' ' || current_setting('effective_cache_size')";
    assert.equal(await project.query(sql), "64MB 128MB");
  });

  it("keeps every message when the database's pod is deleted, which stops it cleanly", async () => {
    await post("before the pod was deleted");
    await project.kubectl("delete", "pod", "database-0", "--wait=true");
    await eventually(async () => assert.ok((await messages()).includes("before the pod was deleted")), 120);
    const log = await project.kubectl("logs", "database-0", "--container=postgres");
    assert.match(log, /database system was shut down at/);
    assert.doesNotMatch(log, /not properly shut down|automatic recovery|redo starts/);
  });

  it("mends a database whose pod never became ready, with every message", async () => {
    await post("before the database was broken");
    await project.kubectl("set", "image", "statefulset/database", "postgres=localhost:5000/noticeboard:none");
    await eventually(
      async () => assert.match(await project.kubectl("get", "pod", "database-0"), /ErrImagePull|ImagePullBackOff/),
      120,
    );
    await project.up("--refresh");
    await eventually(async () => assert.ok((await messages()).includes("before the database was broken")), 120);
  });

  it("keeps every message when all containers of the node are killed", async () => {
    await post("before the containers were killed");
    const pids = await attempt(["pgrep", "--full", "gunicorn|postgres: |^postgres"]);
    const doomed = await containerPids(pids.stdout);
    assert.ok(doomed.length >= 4, "a database and two web pods have more processes than that");
    for (const pid of doomed) killIfRunning(pid);
    await eventually(async () => assert.ok((await messages()).includes("before the containers were killed")), 120);
    await project.kubectl(
      "wait",
      "pod",
      "--all",
      "--for=condition=Ready",
      "--timeout=120s",
      "--selector=app.kubernetes.io/name",
    );
  });

  it("rolls a change of the source out, and has no migration run where it has none", async () => {
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
    assert.ok((await messages()).includes("kept"));
  });

  it("shows what was changed behind its back, and takes it back", async () => {
    const [deployment = ""] = (await project.kubectl("get", "deployments", "--output", "name")).trim().split("\n");
    await project.kubectl("scale", deployment, "--replicas=3");
    const drift = await project.ok("refresh", "--preview-only", "--stack", project.stack, "--diff");
    assert.match(drift, /replicas/);
    await project.kubectl("scale", deployment, "--replicas=2");
  });

  it("refuses wrong settings all at once, and contacts nothing", async () => {
    project.configure((config) => {
      config["slipway:web"].port = "http";
      config["slipway:colour"] = "red";
    });
    const { code, stdout } = await project.preview();
    assert.notEqual(code, 0);
    assert.match(stdout, /2 problems in Pulumi\.main\.yaml; nothing was contacted/);
    assert.match(stdout, /pulumi config set --stack main --path 'slipway:web\.port' 8000/);
    assert.match(stdout, /pulumi config rm --stack main --path 'slipway:colour'/);
    project.configure((config) => {
      config["slipway:web"].port = 8000;
      delete config["slipway:colour"];
    });
  });

  it("shows why a Dockerfile does not build, and leaves the running version alone", async () => {
    const before = await project.kubectl("get", "deployments", "--output", "jsonpath={.items[*].metadata.generation}");
    project.edit("app/Dockerfile", (text) => `${text}RUN echo about-to-fail && exit 3\n`);
    const output = await project.failingUp();
    assert.match(output, /about-to-fail/);
    assert.match(output, /exit code: 3/);
    assert.equal(
      await project.kubectl("get", "deployments", "--output", "jsonpath={.items[*].metadata.generation}"),
      before,
    );
    assert.ok((await messages()).includes("kept"));
    project.edit("app/Dockerfile", (text) => text.replace(/RUN echo about-to-fail.*\n/, ""));
  });

  it("names a registry that is out of reach, and changes nothing", async () => {
    project.configure((config) => {
      config["slipway:release"].repository = "localhost:5999/noticeboard";
    });
    const output = await leavesAlone(project, () => project.failingUp());
    assert.match(output, /registry at localhost:5999: connection refused/);
    project.configure((config) => {
      config["slipway:release"].repository = "localhost:5000/noticeboard";
    });
  });

  it("names a builder that is out of reach, and changes nothing", async () => {
    project.edit("app/noticeboard/__init__.py", (text) => `${text}\n# nothing that was built before\n`);
    const output = await leavesAlone(project, () =>
      withElsewhere("BUILDX_CONFIG", "instances/sandbox", [/buildkitd\.sock/, "nowhere.sock"], () =>
        project.failingUp(),
      ),
    );
    assert.match(output, /builder sandbox at .*nowhere\.sock: no such socket\n +start its buildkitd.*npm run up/);
  });

  it("is gone after destroy, but for the image and the volume's own data", async () => {
    const image = await project.output("image");
    const volume = await project.kubectl(
      "get",
      "persistentvolumeclaim",
      "database-data",
      "--output",
      "jsonpath={.spec.volumeName}",
    );
    await project.ok("destroy", "--yes", "--skip-preview", "--stack", project.stack);
    const namespaces = await attempt(["kubectl", "get", "namespace", project.namespace], { env: environment() });
    assert.match(namespaces.stderr, /not found/);
    const [repository = "", digest = ""] = image.split("@");
    assert.ok(await new ImageRepository(repository).manifest(digest));
    const phase = await project.kubectl("get", "persistentvolume", volume, "--output", "jsonpath={.status.phase}");
    assert.equal(phase, "Released");
  });
});

/** Those of the processes that run inside a pod. */
async function containerPids(pids: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of pids.split("\n").filter(Boolean)) {
    const { stdout } = await attempt(["cat", `/proc/${pid}/cgroup`]);
    if (stdout.includes("/kubepods")) found.push(Number(pid));
  }
  return found;
}

/** The processes of a pod end each other: one of the list may be gone before its turn comes. */
function killIfRunning(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
