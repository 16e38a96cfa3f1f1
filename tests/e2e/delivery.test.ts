import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPreview } from "../../commands/preview/read-preview.ts";
import { attempt } from "../../sandbox/command.ts";
import { repository } from "../../sandbox/paths.ts";
import { Environment, imagesOf } from "./environments.ts";
import { Project } from "./project.ts";

const [password, next] = ["seen-by-nobody-4711", "nor-is-this-one-4712"];
const token = "not-for-any-review-42";

describe("Delivery, end to end", () => {
  const project = new Project("delivery");
  const test = new Environment("test", project);
  // What is merged is checked out by another job, on another machine.
  const elsewhere = mkdtempSync(join(tmpdir(), "slipway-merged-"));
  const reviewed = join(elsewhere, "reviewed", "delivery.json");

  /** Runs one of delivery's commands in a checkout. */
  const run = async (folder: string, script: string, ...args: string[]) => {
    const argv = [process.execPath, join(repository, "commands/delivery", script), ...args];
    const { code, stdout, stderr } = await attempt(argv, { cwd: folder, env: project.env });
    return { code, output: stdout + stderr };
  };
  const preview = (folder: string) => run(folder, "preview.ts", "-s", project.stack, "--output", reviewed);
  const apply = () => run(elsewhere, "apply.ts", "-s", project.stack, "--reviewed", reviewed);
  const replicas = () => project.kubectl("get", "deployments", "--output", "jsonpath={.items[0].spec.replicas}");
  const merge = () =>
    cpSync(project.folder, elsewhere, { recursive: true, filter: (path) => path !== project.path("state") });

  before(async () => {
    project.configure((config) => {
      config["slipway:release"].repository = imagesOf(project);
    });
    await project.create();
    await project.ok("config", "set", "--stack", project.stack, "--secret", "databasePassword", password);
    await project.ok("config", "set", "--stack", project.stack, "--secret", "--path", "slipway:secrets.API", token);
    await project.up();
    await test.create();
  });
  after(async () => {
    await test.destroy();
    await project.remove();
    rmSync(elsewhere, { recursive: true });
  });

  it("keeps no secret in a reviewed preview; nor does what the engine prints", async () => {
    project.configure((config) => {
      config["slipway:web"].replicas = 1;
    });
    await project.ok("config", "set", "--stack", project.stack, "--secret", "databasePassword", next);
    const { output } = await preview(project.folder);
    const text = readFileSync(reviewed, "utf8");
    assert.match(text, /"op":"update"/, output);
    const printed = await project.preview("--json", "--show-replacement-steps", "--show-sames");
    for (const secret of [password, next, token]) {
      const forms = [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)];
      for (const form of forms) assert.ok(!text.includes(form) && !printed.stdout.includes(form));
    }
  });

  it("applies in one checkout what was reviewed in another", async () => {
    merge();
    const { code, output } = await apply();
    assert.equal(code, 0, output);
    assert.match(output, /delivery: the preview is the reviewed one\./);
    assert.equal(await replicas(), "1");
  });

  it("changes nothing where the merged state is another one", async () => {
    const { code, output } = await apply();
    assert.equal(code, 1);
    assert.match(output, /The plan for delivery differs from the reviewed one; nothing was changed/);
    assert.match(output, /now nothing would be done to it/);
  });

  it("finds what was changed by hand, and nothing where nothing was", async () => {
    const check = () => run(project.folder, "preview.ts", "-s", project.stack, "--drift", "--output", reviewed);
    const review = async () => {
      const argv = [process.execPath, join(repository, "commands/review/command.ts"), "--format", "text", reviewed];
      return (await attempt(argv, { cwd: project.folder, env: project.env })).stdout;
    };
    await check();
    assert.match(await review(), /^No changes in 1 environment/);
    await project.kubectl("scale", "deployment", "--all", "--replicas", "2");
    await check();
    assert.match(await review(), /^Changed outside Pulumi: delivery/);
  });

  it("previews other source than what test has verified under the name that comes next", async () => {
    await test.up();
    const file = test.path(`Pulumi.${test.stack}.yaml`);
    const before = readFileSync(file, "utf8");
    const steps = async () => {
      const { output } = await run(project.folder, "preview.ts", "-s", test.stack, "--output", reviewed);
      const found = readPreview(readFileSync(reviewed, "utf8"), test.stack);
      assert.deepEqual(found.failures, [], output);
      return found.steps.filter(({ op }) => op !== "same");
    };
    assert.deepEqual(await steps(), []);
    project.edit("app/noticeboard/__init__.py", (text) => `${text}\n# another version\n`);
    const deployment = (await steps()).find(({ kind }) => kind === "Deployment");
    // The tag itself waits for the digest, which no preview knows.
    assert.match(JSON.stringify(deployment?.after?.inputs.metadata), /"org.opencontainers.image.version":"v1.2"/);
    assert.equal(readFileSync(file, "utf8"), before);
  });

  it("makes an environment for a pull request, with test's secrets, and takes it away again", async () => {
    const up = await run(project.folder, "pull-request.ts", "up", "7");
    assert.equal(up.code, 0, up.output);
    const namespace = `${test.namespace}-pr-7`;
    const pods = await project.kubectl("get", "pods", "--namespace", namespace, "--output", "name");
    assert.match(pods, /pod\/database-0/);
    const get = (stack: string) => project.ok("config", "get", "--stack", stack, "databasePassword");
    assert.equal(await get("pr-7"), await get("test"));

    // Another push: the stack is there, its file is not.
    rmSync(project.path("Pulumi.pr-7.yaml"));
    const again = await run(project.folder, "pull-request.ts", "up", "7");
    assert.equal(again.code, 0, again.output);

    rmSync(project.path("Pulumi.pr-7.yaml"));
    const down = await run(project.folder, "pull-request.ts", "down", "7");
    assert.equal(down.code, 0, down.output);
    assert.equal(await project.kubectl("get", "namespace", namespace, "--ignore-not-found"), "");
    assert.doesNotMatch(await project.ok("stack", "ls"), /pr-7/);
    assert.match((await run(project.folder, "pull-request.ts", "down", "7")).output, /has no environment/);
  });
});
