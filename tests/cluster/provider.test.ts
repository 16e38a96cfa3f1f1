import assert from "node:assert/strict";
import { type ClusterArgs, connect } from "../../cluster/provider.ts";
import { deploy, only } from "../deploy.ts";

describe("Provider of a cluster", () => {
  const kubeconfig = process.env.KUBECONFIG;
  // A shell for the sandbox sets it.
  beforeEach(() => delete process.env.KUBECONFIG);
  after(() => {
    if (kubeconfig !== undefined) process.env.KUBECONFIG = kubeconfig;
  });

  const inputsOf = async (args: ClusterArgs) =>
    only((await deploy(() => connect(args))).resources, "pulumi:providers:kubernetes").inputs;

  it("connects by the name of a context, and lets the release's name change in place", async () => {
    const inputs = await inputsOf({ context: "prod-cluster", clusterIdentifier: "its-uid" });
    assert.equal(inputs.context, "prod-cluster");
    assert.equal(inputs.clusterIdentifier, "its-uid");
    assert.equal(String(inputs.enableConfigMapMutable), "true");
    assert.equal(inputs.kubeconfig, undefined);
    // A changed Secret needs a new name: the database's logins are named after theirs.
    assert.equal(inputs.enableSecretMutable, undefined);
  });

  it("reads the kubeconfig of the shell, unless it is given one", async () => {
    process.env.KUBECONFIG = "/of/the/shell";
    assert.equal((await inputsOf({ context: "prod-cluster" })).kubeconfig, "/of/the/shell");
    assert.equal((await inputsOf({ kubeconfig: "/given" })).kubeconfig, "/given");
  });
});
