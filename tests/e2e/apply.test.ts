import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { Project } from "./project.ts";

describe("npm run apply, end to end", () => {
  const project = Project.forSuite("apply");

  before(() => project.deploy({ replicas: 1 }));

  const review = async (): Promise<void> =>
    writeFileSync(project.path("reviewed.json"), (await project.preview("--json", "--show-replacement-steps")).stdout);
  const apply = () => project.command("delivery/apply.ts", ["-s", project.stack, "--reviewed", "reviewed.json"]);
  const deployed = (path: string) => project.field("deployments", `.items[0].${path}`);

  it("applies a new image, a new password and new settings as they were reviewed", async () => {
    project.set("web.environment", { LOG_LEVEL: "debug" });
    project.edit("app/noticeboard/page.html", (text) => text.replace("<h1>Noticeboard", "<h1>Reviewed"));
    await project.setSecret("databasePassword", "a-reviewed-password");
    const image = await project.output("image");
    await review();
    const { code, stdout, stderr } = await apply();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^apply: the preview is the reviewed one\.\n/);
    assert.notEqual(await project.output("image"), image);
    assert.match(await deployed("spec.template.spec.containers[0].env"), /"LOG_LEVEL","value":"debug"/);
    assert.ok(!(stdout + stderr).includes("a-reviewed-password"));
  });

  it("changes nothing if the plan differs from the reviewed one, and says how it differs", async () => {
    project.set("web", { replicas: 2 });
    await review();
    project.set("web", { replicas: 3 });
    const { code, stderr } = await apply();
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^The plan for apply differs from the reviewed one; nothing was changed\.\n {2}- Deployment web:/,
    );
    assert.match(stderr, /reviewed: update; \+ spec\.replicas: 2\n.* now: +update; \+ spec\.replicas: 3\n/);
    assert.equal(await deployed("spec.replicas"), "1");
  });
});
