import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { printsSecrets, python, Serving, type Version } from "./failing-version.ts";
import { Project } from "./project.ts";
import { type RefusingRegistry, refuseNodes } from "./refusing-registry.ts";

const brokenRevision = "app/migrations/versions/0003_broken.py";
/** Its first statement succeeds, its second meets a table of its own name. */
const revisionThatFails = `
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE TABLE half_done (id bigint)")
    op.execute("CREATE TABLE messages (id bigint)")
`;

describe("A version that fails, end to end", () => {
  const serving = new Serving("rolls-failing", 30088);
  let registry: RefusingRegistry;

  const versions: Version[] = [
    {
      what: "crashes at its start, printing its secrets",
      change: (config) => {
        config["slipway:web"].command = python(`${printsSecrets}raise SystemExit(3)`);
      },
      says: [
        /Deployment web-\w+, likely cause: crash loop: container "web" exits with code 3 .*\([12] restarts?\)/,
        /The previous version keeps serving with 2 pods/,
        /Last lines of web in web-\S+:\n\s+\| \[secret\]/,
      ],
    },
    {
      what: "never becomes ready",
      change: (config) => {
        config["slipway:web"].probes.ready = "/nowhere";
      },
      says: [
        /likely cause: container "web" runs but is never ready, its readiness probe \(GET \/nowhere on port http\) fails: .*404/,
        /\| .*(Started|started|running|Listening)/,
      ],
    },
    {
      what: "can't be pulled, because its digest isn't there",
      change: (config) => {
        config["slipway:release"].repository = `${registry.address}/noticeboard`;
      },
      says: [
        /Deployment .*, likely cause: its image can't be pulled: localhost:\d+\/noticeboard@sha256:/,
        /What to do: check that the registry still has it/,
      ],
    },
    {
      what: "is killed for memory",
      change: (config) => {
        config["slipway:web"].command = python("print('growing', flush=True); x = b'x' * (1 << 30)");
      },
      says: [/likely cause: container "web" was killed for memory: it went over its limit of 384Mi/, /\| growing/],
    },
    {
      what: "loses its workers to memory while it lives on",
      change: (config) => {
        const worker = "x = b'x' * (1 << 30)";
        config["slipway:web"].command = python(
          `import subprocess, sys, time\nwhile True:\n  subprocess.run([sys.executable, '-c', "${worker}"])\n  time.sleep(1)`,
        );
      },
      says: [
        /likely cause: \d+ process(es)? of container "web" (was|were) killed for memory .* its limit of 384Mi/,
        /raise its memory/,
      ],
    },
    {
      what: "can't be scheduled",
      change: (config) => {
        config["slipway:web"].resources = { cpu: "64", cpuLimit: "64" };
      },
      says: [
        /likely cause: no node can run it: .*Insufficient cpu \(it asks for cpu 64, memory 384Mi\)/,
        /ask for less/,
      ],
    },
    {
      what: "has a migration that fails",
      change: (config, project) => {
        Object.assign(config["slipway:web"], { migrate: ["alembic", "upgrade", "head"], migrateSeconds: 60 });
        writeFileSync(project.path(brokenRevision), revisionThatFails);
      },
      undo: (project) => rmSync(project.path(brokenRevision)),
      says: [
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
    it(`and ${version.what}: says why, leaves the old one serving, and the next good one needs no cleaning up`, () =>
      serving.outlasts(version));
  }

  it("and has a failing migration: leaves the schema as it was", async () => {
    assert.equal(await serving.project.query("SELECT version_num FROM alembic_version"), "0002");
    assert.equal(await serving.project.query("SELECT to_regclass('half_done')"), "");
  });

  it("leaves nothing pending behind", async () => {
    const { code, stdout } = await serving.project.preview("--expect-no-changes");
    assert.equal(code, 0, stdout);
  });
});

describe("A first deployment that fails early, end to end", () => {
  const project = new Project("rolls-first");

  before(() => project.create());
  after(() => project.remove());

  it("ends at once, whatever else would have waited for its pods, and the next one goes on from there", async () => {
    const started = Date.now();
    project.configure((config) => {
      config["slipway:database"].resources = { cpu: "2", cpuLimit: "1" };
    });
    const output = await project.failingUp();
    const seconds = (Date.now() - started) / 1000;
    console.log(`      failed after ${seconds.toFixed(0)} s`);
    assert.match(output, /requests.*must be less than or equal to cpu limit/s);
    assert.ok(seconds < 60, `failed only after ${seconds} s`);
    project.configure((config) => {
      config["slipway:database"].resources = undefined;
    });
    await project.up();
    assert.match(await project.kubectl("get", "pods"), /web-.* 1\/1 +Running/);
  });
});
