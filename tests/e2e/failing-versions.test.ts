import assert from "node:assert/strict";
import { printsSecrets, python, Serving, type Version } from "./failing-version.ts";
import { Project } from "./project.ts";
import { refusalMessage, refuseStatefulSets } from "./refusing-policy.ts";
import { type RefusingRegistry, refuseNodes } from "./refusing-registry.ts";
import { addRevision, removeRevision } from "./revision.ts";
import { stopwatch } from "./stopwatch.ts";

describe("A version that must fail, end to end", () => {
  const serving = new Serving("rolls-failing", 30088);
  let registry: RefusingRegistry;

  const versions: Version[] = [
    {
      title: "crashes at its start, printing its secrets",
      change: (project) => project.set("web", { command: python(`${printsSecrets}raise SystemExit(3)`) }),
      report: [
        /Deployment web-\w+, likely cause: crash loop: container "web" exits with code 3 .*\([12] restarts?\)/,
        /The previous version keeps serving with 2 pods/,
        /Last lines of web in web-\S+:\n\s+\| \[secret\]/,
      ],
    },
    {
      title: "never becomes ready",
      change: (project) => project.set("web.probes", { ready: "/nowhere" }),
      report: [
        /likely cause: container "web" runs but is never ready, its readiness probe \(GET \/nowhere on port http\) fails: .*404/,
        /\| .*(Started|started|running|Listening)/,
      ],
    },
    {
      title: "can't be pulled, because the registry does not have its digest",
      change: (project) => project.set("release", { repository: `${registry.address}/noticeboard` }),
      report: [
        /Deployment .*, likely cause: its image can't be pulled: localhost:\d+\/noticeboard@sha256:/,
        /What to do: check that the registry still has it/,
      ],
    },
    {
      title: "is killed for memory",
      change: (project) =>
        project.set("web", { command: python("print('growing', flush=True); x = b'x' * (1 << 30)") }),
      report: [/likely cause: container "web" was killed for memory: it went over its limit of 384Mi/, /\| growing/],
    },
    {
      title: "loses its workers to memory while its container lives on",
      change: (project) => {
        const worker = "x = b'x' * (1 << 30)";
        const command = python(
          `import subprocess, sys, time\nwhile True:\n  subprocess.run([sys.executable, '-c', "${worker}"])\n  time.sleep(1)`,
        );
        project.set("web", { command });
      },
      report: [
        /likely cause: \d+ process(es)? of container "web" (was|were) killed for memory .* its limit of 384Mi/,
        /raise its memory/,
      ],
    },
    {
      title: "connects to an address that no policy allows",
      change: (project) =>
        project.set("web", {
          command: python("import socket; socket.create_connection(('203.0.113.7', 587), timeout=3)"),
        }),
      report: [
        /crash loop: .*; it could not connect, its log says: \S+Error: .*(refused|timed out)/,
        /What to do: outgoing connections are allowed only by slipway:web\.allowTo/,
      ],
    },
    {
      title: "can't be scheduled",
      change: (project) => project.set("web", { resources: { cpu: "64", cpuLimit: "64" } }),
      report: [
        /likely cause: no node can run it: .*Insufficient cpu \(it asks for cpu 64, memory 384Mi\)/,
        /ask for less/,
      ],
    },
    {
      title: "has a migration that fails",
      change: (project) => {
        project.set("web", { migrate: ["alembic", "upgrade", "head"], migrateSeconds: 60 });
        // The second statement fails, because the table exists.
        addRevision(project, "CREATE TABLE half_done (id bigint)", "CREATE TABLE messages (id bigint)");
      },
      undo: removeRevision,
      report: [
        /Job web-migration-\w+, likely cause: migration failed: it exits with code 1 \(3 attempts\)/,
        /\| .*migration failed: .*relation \S+messages\S+ already exists/,
      ],
      // The cluster pauses 10 s before the second attempt, and 20 s before the third.
      within: 45,
    },
  ];

  before(async () => {
    registry = await refuseNodes("localhost:5000", "gone");
    await serving.start();
  });

  after(async () => {
    await serving.stop();
    await registry.stop();
  });

  for (const version of versions) {
    it(`${version.title}: \`up\` reports why, the old version keeps serving, and the next one needs no clean-up`, () =>
      serving.outlasts(version));
  }

  it("leaves the schema as it was if its migration fails", async () => {
    assert.equal(await serving.project.query("SELECT version_num FROM alembic_version"), "0002");
    assert.equal(await serving.project.query("SELECT to_regclass('half_done')"), "");
  });

  it("leaves nothing to do for the next preview", async () => {
    await serving.project.assertNoChanges();
  });
});

describe("A first deployment that fails early, end to end", () => {
  const project = Project.forSuite("rolls-first");

  before(() => project.create());

  it("ends without waiting for pods, and the next `up` continues from there", async () => {
    const accept = await refuseStatefulSets(project);
    const passed = stopwatch();
    const output = await project.failingUp().finally(accept);
    const seconds = passed();
    console.log(`      failed after ${seconds.toFixed(0)} s`);
    assert.match(output, new RegExp(refusalMessage));
    assert.ok(seconds < 60, `failed only after ${seconds} s`);
    await project.up();
    assert.match(await project.kubectl("get", "pods"), /web-.* 1\/1 +Running/);
  });
});
