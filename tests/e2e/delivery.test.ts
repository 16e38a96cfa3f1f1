import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPreview } from "../../commands/preview/read-preview.ts";
import { Environment, imagesOf } from "./environments.ts";
import { Project } from "./project.ts";

const [password, next] = ["seen-by-nobody-4711", "nor-is-this-one-4712"];
const token = "not-for-any-review-42";

describe("Delivery, end to end", () => {
  const project = new Project("delivery");
  const test = new Environment("test", project);
  // Another job checks out the merged state on another machine.
  const elsewhere = mkdtempSync(join(tmpdir(), "slipway-merged-"));
  const reviewed = join(elsewhere, "reviewed", "delivery.json");

  /** Runs one of the commands in commands/delivery/ in a checkout. */
  const run = async (cwd: string, script: string, ...args: string[]) => {
    const { code, stdout, stderr } = await project.command(`delivery/${script}`, args, { cwd });
    return { code, output: stdout + stderr };
  };
  const preview = (folder: string) => run(folder, "preview.ts", "-s", project.stack, "--output", reviewed);
  const apply = () => run(elsewhere, "apply.ts", "-s", project.stack, "--reviewed", reviewed);
  const replicas = () => project.field("deployments", ".items[0].spec.replicas");
  const merge = () =>
    cpSync(project.folder, elsewhere, { recursive: true, filter: (path) => path !== project.path("state") });

  before(async () => {
    project.set("release", { repository: imagesOf(project) });
    await project.create();
    await project.setSecret("databasePassword", password);
    await project.setSecret("slipway:secrets.API", token);
    await project.up();
    await test.create();
  });
  after(async () => {
    await test.destroy();
    await project.remove();
    rmSync(elsewhere, { recursive: true });
  });

  it("shows no secret in a reviewed preview or in the engine's own", async () => {
    project.set("web", { replicas: 1 });
    await project.setSecret("databasePassword", next);
    const { output } = await preview(project.folder);
    const text = readFileSync(reviewed, "utf8");
    assert.match(text, /"op":"update"/, output);
    const printed = await project.preview("--json", "--show-replacement-steps", "--show-sames");
    for (const secret of [password, next, token]) {
      const forms = [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)];
      for (const form of forms) assert.ok(!text.includes(form) && !printed.stdout.includes(form));
    }
  });

  it("applies in one checkout the plan that was reviewed in another", async () => {
    merge();
    const { code, output } = await apply();
    assert.equal(code, 0, output);
    assert.match(output, /delivery: the preview is the reviewed one\./);
    assert.equal(await replicas(), "1");
  });

  it("changes nothing if the plan differs from the reviewed one", async () => {
    const { code, output } = await apply();
    assert.equal(code, 1);
    assert.match(output, /The plan for delivery differs from the reviewed one; nothing was changed/);
    assert.match(output, /now nothing would be done to it/);
  });

  it("finds drift only if something was changed by hand", async () => {
    const check = () => run(project.folder, "preview.ts", "-s", project.stack, "--drift", "--output", reviewed);
    const review = async () => (await project.command("review/command.ts", ["--format", "text", reviewed])).stdout;
    await check();
    assert.match(await review(), /^No changes in 1 environment/);
    await project.kubectl("scale", "deployment", "--all", "--replicas", "2");
    await check();
    assert.match(await review(), /^Changed outside Pulumi: delivery/);
  });

  it("previews changed source under the next name after the one that test has verified", async () => {
    await test.up();
    const before = readFileSync(test.stackFile, "utf8");
    const steps = async () => {
      const { output } = await run(project.folder, "preview.ts", "-s", test.stack, "--output", reviewed);
      const preview = readPreview(readFileSync(reviewed, "utf8"), test.stack);
      assert.deepEqual(preview.failures, [], output);
      return preview.steps.filter(({ op }) => op !== "same");
    };
    assert.deepEqual(await steps(), []);
    project.edit("app/noticeboard/__init__.py", (text) => `${text}\n# another version\n`);
    const deployment = (await steps()).find(({ kind }) => kind === "Deployment");
    // The tag depends on the digest, which no preview knows.
    assert.match(JSON.stringify(deployment?.after?.inputs.metadata), /"org.opencontainers.image.version":"v1.2"/);
    assert.equal(readFileSync(test.stackFile, "utf8"), before);
  });

  it("creates an environment for a pull request, with the secrets of test, and removes it", async () => {
    const up = await run(project.folder, "pull-request.ts", "up", "7");
    assert.equal(up.code, 0, up.output);
    const namespace = `${test.namespace}-pr-7`;
    const pods = await project.kubectl("get", "pods", "--namespace", namespace, "--output", "name");
    assert.match(pods, /pod\/database-0/);
    const get = (stack: string) => project.ok("config", "get", "--stack", stack, "databasePassword");
    assert.equal(await get("pr-7"), await get("test"));

    // Another push: the stack exists, its file does not.
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
