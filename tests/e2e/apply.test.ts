import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "../../sandbox/command.ts";
import { repository } from "../../sandbox/paths.ts";
import { Project } from "./project.ts";

describe("npm run apply, end to end", () => {
  const project = new Project("apply");
  const web = "slipway:web";

  before(async () => {
    project.configure((config) => (config[web].replicas = 1));
    await project.create();
    await project.up();
  });
  after(() => project.remove());

  /** The preview as a reviewer gets it. */
  const review = async (): Promise<void> =>
    writeFileSync(project.path("reviewed.json"), (await project.preview("--json", "--show-replacement-steps")).stdout);
  const apply = () =>
    attempt(
      ["node", join(repository, "commands/delivery/apply.ts"), "-s", project.stack, "--reviewed", "reviewed.json"],
      {
        cwd: project.folder,
        env: project.env,
      },
    );
  const deployed = (path: string) => project.kubectl("get", "deployments", "--output", `jsonpath={.items[0].${path}}`);

  it("brings a new image, a new password and new settings as they were reviewed", async () => {
    project.configure((config) => (config[web].environment.LOG_LEVEL = "debug"));
    project.edit("app/noticeboard/page.html", (text) => text.replace("<h1>Noticeboard", "<h1>Reviewed"));
    await project.ok("config", "set", "--stack", project.stack, "--secret", "databasePassword", "a-reviewed-password");
    const image = await project.output("image");
    await review();
    const { code, stdout, stderr } = await apply();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^apply: the preview is the reviewed one\.\n/);
    assert.notEqual(await project.output("image"), image);
    assert.match(await deployed("spec.template.spec.containers[0].env"), /"LOG_LEVEL","value":"debug"/);
    assert.ok(!(stdout + stderr).includes("a-reviewed-password"));
  });

  it("changes nothing where it would do something else by now, and says what", async () => {
    project.configure((config) => (config[web].replicas = 2));
    await review();
    project.configure((config) => (config[web].replicas = 3));
    const { code, stderr } = await apply();
    assert.equal(code, 1);
    assert.match(stderr, /^The plan for apply differs from the reviewed one; nothing was changed\.\n {2}- Deployment web:/);
    assert.match(stderr, /reviewed: update; \+ spec\.replicas: 2\n.* now: +update; \+ spec\.replicas: 3\n/);
    assert.equal(await deployed("spec.replicas"), "1");
  });
});
