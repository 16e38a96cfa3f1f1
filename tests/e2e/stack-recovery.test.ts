import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { recoverStack } from "../../sandbox/stack-recovery.ts";
import { Project } from "./project.ts";

describe("Recovery of a stack, by the real engine", () => {
  const project = new Project("rolls-recovery");
  const checkpoint = project.path("state", ".pulumi", "stacks", "slipway", `${project.stack}.json`);
  const options = { cwd: project.folder, env: project.env };

  /** Operations that the stack's record calls unfinished. */
  const unfinished = async (): Promise<unknown[]> =>
    JSON.parse(await project.ok("stack", "export", "--stack", project.stack)).deployment.pending_operations ?? [];

  const leaveUnfinished = (...types: string[]) => {
    const state = JSON.parse(readFileSync(checkpoint, "utf8"));
    state.checkpoint.latest.pending_operations = types.map((type) => ({
      type: "creating",
      resource: { urn: `urn:pulumi:${project.stack}::slipway::${type}::app`, type, custom: true, inputs: {} },
    }));
    writeFileSync(checkpoint, JSON.stringify(state));
  };

  before(() => project.create());
  after(() => project.remove());

  it("leaves no warning behind of what the next `up` does again", async () => {
    leaveUnfinished("docker-build:index:Image", "kubernetes:core/v1:Namespace");
    assert.equal((await unfinished()).length, 2);
    await recoverStack(project.stack, options);
    assert.deepEqual(await unfinished(), []);
  });

  it("keeps the record of what may exist in a cloud", async () => {
    leaveUnfinished("docker-build:index:Image", "aws:eks/cluster:Cluster");
    await recoverStack(project.stack, options);
    assert.equal((await unfinished()).length, 2);
    leaveUnfinished();
  });

  it("reads the last whole state where the engine was killed writing the next one", async () => {
    copyFileSync(checkpoint, `${checkpoint}.bak`);
    writeFileSync(checkpoint, "");
    const { code, stderr } = await project.pulumi("stack", "export", "--stack", project.stack);
    assert.notEqual(code, 0);
    assert.match(stderr, /failed to load checkpoint|EOF/);
    await recoverStack(project.stack, options);
    assert.deepEqual(await unfinished(), []);
  });
});
