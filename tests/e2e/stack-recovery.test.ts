import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { recoverStack } from "../../sandbox/stack-recovery.ts";
import { Project } from "./project.ts";

describe("Recovery of a stack, by the real engine", () => {
  const project = Project.forSuite("rolls-recovery");
  const recover = () => recoverStack(project.stack, { cwd: project.folder, env: project.env });
  const pending = async (): Promise<unknown[]> => (await project.deployment()).pending_operations ?? [];

  const writePending = (...types: string[]) => {
    const state = JSON.parse(readFileSync(project.stateFile(), "utf8"));
    state.checkpoint.latest.pending_operations = types.map((type) => ({
      type: "creating",
      resource: { urn: `urn:pulumi:${project.stack}::slipway::${type}::app`, type, custom: true, inputs: {} },
    }));
    writeFileSync(project.stateFile(), JSON.stringify(state));
  };

  before(() => project.create());

  it("clears pending operations that the next `up` repeats", async () => {
    writePending("docker-build:index:Image", "kubernetes:core/v1:Namespace");
    assert.equal((await pending()).length, 2);
    await recover();
    assert.deepEqual(await pending(), []);
  });

  it("keeps pending operations if one of them may have created something in a cloud", async () => {
    writePending("docker-build:index:Image", "aws:eks/cluster:Cluster");
    await recover();
    assert.equal((await pending()).length, 2);
    writePending();
  });

  it("restores the previous state if the engine was killed while writing", async () => {
    copyFileSync(project.stateFile(), `${project.stateFile()}.bak`);
    writeFileSync(project.stateFile(), "");
    const { code, stderr } = await project.pulumi("stack", "export", "--stack", project.stack);
    assert.notEqual(code, 0);
    assert.match(stderr, /failed to load checkpoint|EOF/);
    await recover();
    assert.deepEqual(await pending(), []);
  });
});
