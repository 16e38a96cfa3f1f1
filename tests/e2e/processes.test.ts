import assert from "node:assert/strict";
import { join } from "node:path";
import { ensureAddons } from "../../sandbox/addons.ts";
import { attempt } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { httpRequest } from "../../sandbox/http.ts";
import { repository } from "../../sandbox/paths.ts";
import { python } from "./failing-version.ts";
import { Project } from "./project.ts";

const host = "processes.example.com";

/** Works on one job after the other, each for two seconds. After SIGTERM it completes the one that it has in hand. */
const worker = python(`
import signal, socket, time, psycopg
stopping = []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
database = psycopg.connect(autocommit=True)
database.execute("CREATE TABLE IF NOT EXISTS jobs (id serial, pod text, done boolean DEFAULT false)")
while not stopping:
    (job,) = database.execute("INSERT INTO jobs (pod) VALUES (%s) RETURNING id", [socket.gethostname()]).fetchone()
    time.sleep(2)
    database.execute("UPDATE jobs SET done = true WHERE id = %s", [job])
`);

/** Answers every path with that path. */
const streaming = python(`
import signal, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"streaming {self.path}".encode())
ThreadingHTTPServer(("", 9000), Handler).serve_forever()
`);

/** Records which image it runs. */
const counting = python(`
import os, psycopg
database = psycopg.connect(autocommit=True)
database.execute("CREATE TABLE IF NOT EXISTS runs (image text)")
database.execute("INSERT INTO runs VALUES (%s)", [os.environ["SLIPWAY_IMAGE"]])
`);

const alive = { live: { command: ["true"] }, startSeconds: 20 };

describe("Processes and schedules beside web, end to end", () => {
  const project = Project.forSuite("processes");
  const podsOf = async (name: string) =>
    (await project.objects("pods", `--selector=app.kubernetes.io/name=${name}`)).map(({ metadata }) => metadata.name);
  const finished = async () => Number(await project.query("SELECT count(*) FROM jobs WHERE done"));

  before(async function () {
    // The first time, the add-ons are compiled.
    this.timeout(1_800_000);
    project.configure((config) => {
      config["slipway:processes"] = {
        worker: { command: worker, replicas: 1, deadlineSeconds: 20, probes: alive },
        streaming: {
          command: streaming,
          replicas: 1,
          port: 9000,
          path: "/api/streaming",
          probes: { live: "/api/streaming/health" },
        },
      };
      config["slipway:schedules"] = {
        counting: { command: counting, schedule: "* * * * *" },
        broken: { command: python("raise SystemExit(3)"), schedule: "* * * * *", timeZone: "Europe/Berlin" },
      };
    });
    await ensureAddons([{ "slipway:web": { host } }]);
    await project.deploy({ host, tls: { issuer: "sandbox" }, replicas: 1 });
    await eventually(() => httpRequest(`https://${host}`));
  });

  it("run with the release's image and database once `up` has succeeded", async () => {
    const image = await project.output("image");
    for (const name of ["worker", "streaming"]) {
      const [deployment, ...more] = await project.objects("deployments", `--selector=app.kubernetes.io/name=${name}`);
      assert.deepEqual([deployment.spec.template.spec.containers[0].image, more], [image, []]);
      assert.equal(deployment.status.availableReplicas, 1);
    }
    await eventually(async () => assert.ok((await finished()) > 0));
  });

  it("serve a path under web's host, and web the rest", async () => {
    const get = (path: string) => eventually(() => httpRequest(`https://${host}${path}`));
    assert.equal((await get("/api/streaming/public?x=1")).body, "streaming /api/streaming/public?x=1");
    assert.match((await get("/")).body, /Noticeboard/);
    assert.match((await get("/api/messages")).body, /^[[{]/);
  });

  it("have nothing to do the second time", () => project.assertNoChanges("--refresh"));

  it("start a command each minute, with the image of the release", async () => {
    const runs = () => project.query("SELECT DISTINCT image FROM runs");
    const image = await project.output("image");
    await eventually(async () => assert.equal(await runs(), image), 150);
  });

  it("show a failed command in `npm run status`, and one that succeeded", async () => {
    await eventually(async () => {
      const argv = [process.execPath, join(repository, "sandbox", "status.ts")];
      const { code, stdout } = await attempt(argv, { env: project.env });
      assert.match(stdout, /^Schedule broken \(noticeboard-processes\): FAILED .* exit code 3 .*logs job\/broken-/m);
      assert.match(stdout, /^Schedule counting \(noticeboard-processes\): last succeeded /m);
      assert.equal(code, 1);
    }, 150);
  });

  it("complete the work in hand when a new version is deployed", async () => {
    const [before] = await podsOf("worker");
    project.set("web.environment", { APP_ENVIRONMENT: "another" });
    await project.up();
    await eventually(() => project.noneStopping());
    const [after, ...more] = await podsOf("worker");
    assert.deepEqual([after === before, more], [false, []]);
    assert.equal(await project.query(`SELECT count(*) FROM jobs WHERE NOT done AND pod = '${before}'`), "0");
  });

  it("fail the `up` with the cause if one of them crashes, while the version before keeps working", async () => {
    const [before] = await podsOf("worker");
    project.set("processes.worker", { command: python("raise SystemExit(7)"), probes: undefined });
    const output = await project.failingUp();
    assert.match(output, /Deployment worker-\w+, likely cause: crash loop: container "worker" exits with code 7/);
    assert.ok((await podsOf("worker")).includes(before));
    const count = await finished();
    await eventually(async () => assert.ok((await finished()) > count));
    project.set("processes.worker", { command: worker });
    await project.up();
  });

  it("all use a changed password before the earlier login is closed", async () => {
    await project.setSecret("databasePassword", "another-password");
    await project.up();
    assert.equal(await project.query("SELECT count(*) FROM slipway.login", "postgres"), "1");
    const count = await finished();
    await eventually(async () => assert.ok((await finished()) > count));
  });

  it("leave nothing behind when they are removed from the settings", async () => {
    project.configure((config) => {
      delete config["slipway:processes"];
      delete config["slipway:schedules"];
    });
    await project.up();
    const kinds = "deployments,cronjobs,services,serviceaccounts,networkpolicies,poddisruptionbudgets";
    // A Deployment is deleted once its pods have stopped.
    await eventually(async () => {
      const names = await project.kubectl("get", kinds, "--output=name");
      assert.doesNotMatch(names, /worker|streaming|counting|broken/);
    });
  });
});
