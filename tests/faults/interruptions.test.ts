import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import { killedUp } from "../e2e/killed-up.ts";
import { Project } from "../e2e/project.ts";
import { deployed } from "./deployed.ts";

const url = "http://localhost:30094";

/** A moment of an `up`, by what the engine has got to. */
interface Moment {
  /** The rest of a sentence that begins with "killed". */
  readonly when: string;
  readonly after: string | RegExp;
  /** How long after that. Default 0. */
  readonly seconds?: number;
}

const post = async (text: string): Promise<void> => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/api/messages`, { method: "POST", headers, body: JSON.stringify({ text }) });
  assert.equal(response.status, 201, await response.text());
};

const texts = async (): Promise<string[]> => {
  const response = await fetch(`${url}/api/messages?limit=100`);
  const page = (await response.json()) as { messages: { text: string }[] };
  return page.messages.map(({ text }) => text).sort();
};

/** Source that was never built before, its migrations too, so that there is something to build and to migrate. */
const newSource = (project: Project): void =>
  project.edit("app/migrations/versions/0001_messages.py", (text) =>
    text.replace(/\n?(# version .*\n)?$/, `\n# version ${Date.now()}\n`),
  );

/** Interrupts an `up` and lets another one finish; it has to end like an undisturbed one. */
async function survives(project: Project, { after, seconds }: Moment, undisturbed: string[]): Promise<void> {
  newSource(project);
  await killedUp(project, after, seconds);
  const started = Date.now();
  await project.up();
  console.log(`      the next one took ${((Date.now() - started) / 1000).toFixed(0)} s`);
  const now = await deployed(project);
  const [surplus, missing] = [
    now.filter((line) => !undisturbed.includes(line)),
    undisturbed.filter((line) => !now.includes(line)),
  ];
  assert.deepEqual({ surplus, missing, count: now.length }, { surplus: [], missing: [], count: undisturbed.length });
  const { code, stdout, stderr } = await project.preview("--refresh", "--expect-no-changes");
  assert.equal(code, 0, stdout + stderr);
  assert.doesNotMatch(stderr, /interrupted/);
}

const configure = (project: Project): void =>
  project.configure((config) => {
    Object.assign(config["slipway:web"], { nodePort: 30094, drainSeconds: 1 });
  });

describe("A first deployment, interrupted", () => {
  const project = new Project("interrupted-first");
  let undisturbed: string[] = [];

  before(async () => {
    configure(project);
    await project.create();
    await project.up();
    undisturbed = await deployed(project);
  });

  beforeEach(() => project.ok("destroy", "--yes", "--skip-preview", "--stack", project.stack));
  after(() => project.remove());

  const moments: Moment[] = [
    { when: "while the program starts", after: /^Updating/m },
    { when: "while the image is built", after: "Image app", seconds: 1 },
    { when: "while the namespace is created", after: "Namespace app" },
    { when: "while the database is started", after: "StatefulSet database", seconds: 1 },
    { when: "while the migration runs", after: "Job web-migration", seconds: 1 },
    { when: "while the application is started", after: "Deployment web", seconds: 1 },
  ];

  for (const moment of moments)
    it(`killed ${moment.when}: the next one ends like an undisturbed one, and serves`, async () => {
      await survives(project, moment, undisturbed);
      await eventually(() => post("served"));
    });
});

describe("An update, interrupted", () => {
  const project = new Project("interrupted-update");
  const written: string[] = [];
  let undisturbed: string[] = [];

  before(async () => {
    configure(project);
    await project.create();
    await project.up();
    newSource(project);
    await project.up();
    undisturbed = await deployed(project);
  });

  after(() => project.remove());

  const moments: Moment[] = [
    { when: "while the image is built", after: "Image app", seconds: 1 },
    { when: "while the migration runs", after: "Job web-migration", seconds: 1 },
    { when: "in the middle of the rollout", after: "Deployment web", seconds: 2 },
    { when: "while it clears up", after: /Job web-migration deleting/ },
  ];

  for (const moment of moments)
    it(`killed ${moment.when}: the next one ends like an undisturbed one, and no message is lost`, async () => {
      await eventually(() => post(moment.when));
      written.push(moment.when);
      await survives(project, moment, undisturbed);
      assert.deepEqual(await eventually(texts), [...written].sort());
    });
});
