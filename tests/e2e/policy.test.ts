import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { policiesOf, policyEvent, policyOptions, readPolicyEvents } from "../../commands/preview/policies.ts";
import { rules } from "../../policy/rules.ts";
import { Project } from "./project.ts";

describe("The policy pack, end to end", () => {
  const project = Project.forSuite("policy");
  // The engine hides the flag for the event log without this.
  project.env.PULUMI_DEBUG_COMMANDS = "true";

  before(() => project.create());

  const log = () => project.path("events");
  const preview = () => project.preview(...policyOptions(), "--event-log", log());
  const policies = () =>
    policiesOf(readPolicyEvents(readFileSync(log(), "utf8")).map((each) => policyEvent.parse(each)));

  it("accepts the program of dev, after checking every rule", async () => {
    const { code, stdout, stderr } = await preview();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /Policies:\n +✅ slipway@v1\.0\.0 \(local: .*policy\)/);
    assert.deepEqual(policies(), {
      refusals: [],
      remarks: [],
      asked: rules.map(({ name }) => name).sort(),
      broken: [],
    });
  });

  it("refuses a pod with hostNetwork and an image without a digest, in a preview and in an `up`, and changes nothing", async () => {
    const pod = "components/web/pod.ts";
    project.edit(pod, (text) => text.replace("image: args.image,", 'image: "localhost:5000/noticeboard:v1.1",'));
    project.edit(pod, (text) => text.replace("...restrictedPod(args.user, args.port),", "$& hostNetwork: true,"));
    const up = () => project.pulumi("up", "--yes", "--stack", project.stack, ...policyOptions());
    for (const run of [preview, up]) {
      const { code, stdout } = await run();
      assert.notEqual(code, 0, stdout);
      assert.match(stdout, /❌ slipway@v1\.0\.0/);
      for (const pattern of [
        /\[mandatory\] +image-by-digest +\(kubernetes:apps\/v1:Deployment: web\)/,
        /A tag can be moved to other bytes; a digest names what was tested\./,
        /container web runs localhost:5000\/noticeboard:v1\.1, which names no digest/,
        /Remedy: use REPOSITORY@sha256:…/,
        /\[mandatory\] +pod-restricted +\(kubernetes:apps\/v1:Deployment: web\)/,
        /the pod has hostNetwork/,
      ])
        assert.match(stdout, pattern);
    }
    assert.deepEqual(policies().broken, ["image-by-digest", "pod-restricted"]);
    await assert.rejects(project.kubectl("get", "namespace", project.namespace), /not found/);
  });
});
