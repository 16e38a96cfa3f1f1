import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import { Noticeboard } from "../e2e/noticeboard.ts";
import { Project } from "../e2e/project.ts";
import { killedUp } from "../e2e/running-up.ts";
import { stopwatch } from "../e2e/stopwatch.ts";
import { deployed } from "./deployed.ts";

const board = new Noticeboard(30094);

/** Moment of an `up`. */
interface Moment {
  /** Rest of a sentence that begins with "is killed". */
  readonly title: string;
  /** Resource that the engine begins to work on, or its output. */
  readonly after: string | RegExp;
  /** Seconds after that. @default 0 */
  readonly seconds?: number;
}

/** Changes the source and its migrations, so that the next `up` builds and migrates. */
const changeSource = (project: Project): void =>
  project.edit("app/migrations/versions/0001_messages.py", (text) =>
    text.replace(/\n?(# version .*\n)?$/, `\n# version ${Date.now()}\n`),
  );

/** Kills an `up`, and asserts that the next one gives the same result as an undisturbed one. */
async function assertSurvives(project: Project, { after, seconds }: Moment, undisturbed: string[]): Promise<void> {
  changeSource(project);
  await killedUp(project, after, seconds);
  const nextUp = stopwatch();
  await project.up();
  console.log(`      the next one took ${nextUp().toFixed(0)} s`);
  const now = await deployed(project);
  const [surplus, missing] = [
    now.filter((line) => !undisturbed.includes(line)),
    undisturbed.filter((line) => !now.includes(line)),
  ];
  assert.deepEqual({ surplus, missing, count: now.length }, { surplus: [], missing: [], count: undisturbed.length });
  assert.doesNotMatch(await project.assertNoChanges("--refresh"), /interrupted/);
}

const configure = (project: Project): void => project.set("web", { nodePort: 30094, drainSeconds: 1 });

describe("A first deployment that is killed", () => {
  const project = Project.forSuite("interrupted-first");
  let undisturbed: string[] = [];

  before(async () => {
    configure(project);
    await project.deploy();
    undisturbed = await deployed(project);
  });

  beforeEach(() => project.ok("destroy", "--yes", "--skip-preview", "--stack", project.stack));

  const moments: Moment[] = [
    { title: "while the program starts", after: /^Updating/m },
    { title: "while the image is built", after: "Image app", seconds: 1 },
    { title: "while the namespace is created", after: "Namespace app" },
    { title: "while the database is started", after: "StatefulSet database", seconds: 1 },
    { title: "while the migration runs", after: "Job web-migration", seconds: 1 },
    { title: "while the application is started", after: "Deployment web", seconds: 1 },
  ];

  for (const moment of moments)
    it(`${moment.title}: the next \`up\` gives the same result as an undisturbed one, and serves`, async () => {
      await assertSurvives(project, moment, undisturbed);
      await eventually(() => board.post("served"));
    });
});

describe("An update that is killed", () => {
  const project = Project.forSuite("interrupted-update");
  const written: string[] = [];
  let undisturbed: string[] = [];

  before(async () => {
    configure(project);
    await project.deploy();
    changeSource(project);
    await project.up();
    undisturbed = await deployed(project);
  });

  const moments: Moment[] = [
    { title: "while the image is built", after: "Image app", seconds: 1 },
    { title: "while the migration runs", after: "Job web-migration", seconds: 1 },
    { title: "in the middle of the rollout", after: "Deployment web", seconds: 2 },
    { title: "during clean-up", after: /Job web-migration deleting/ },
  ];

  for (const moment of moments)
    it(`${moment.title}: the next \`up\` gives the same result as an undisturbed one, and no message is lost`, async () => {
      await eventually(() => board.post(moment.title));
      written.push(moment.title);
      await assertSurvives(project, moment, undisturbed);
      assert.deepEqual(await eventually(() => board.texts()), [...written].sort());
    });
});
