import assert from "node:assert/strict";
import { hostname, userInfo } from "node:os";
import { eventually } from "../../sandbox/eventually.ts";
import { Project } from "./project.ts";
import { begins, RunningUp } from "./running-up.ts";
import { deploySecondApp } from "./second-app.ts";
import { stopwatch } from "./stopwatch.ts";
import { assertUntouched } from "./untouched.ts";

describe("Two `pulumi up` of one stack at once, end to end", () => {
  const project = Project.forSuite("two-ups");
  const greeter = () =>
    project.field("deployments", '.items[*].spec.template.spec.containers[0].env[?(@.name=="GREETER")].value');
  const greet = (name: string) => project.set("web.environment", { GREETER: name });

  before(async () => {
    deploySecondApp(project, {
      // Long enough for the second one to start and end meanwhile.
      migrate: ["sleep", "15"],
      environment: { GREETER: "nobody" },
      drainSeconds: 1,
    });
    await project.create();
  });

  it("let the second one fail: it names who holds the lock, and changes nothing", async () => {
    greet("the first");
    const first = new RunningUp(project);
    await first.reached(begins("web-migration"));
    await eventually(() =>
      project.kubectl("wait", "job", "--all", "--for=jsonpath={.status.ready}=1", "--timeout=10s"),
    );
    greet("the second");
    const seconds = stopwatch();
    const output = await assertUntouched(project, () => project.failingUp());
    console.log(`      refused after ${seconds().toFixed(1)} s`);
    const holder = `created by ${userInfo().username}@${hostname()} \\(pid ${first.pid}\\) at \\d{4}-`;
    assert.match(output, new RegExp(`the stack is currently locked by 1 lock\\(s\\)[^]*${holder}`));
    assert.match(output, /pulumi cancel/);

    const { code, output: firstOutput } = await first.ended;
    assert.equal(code, 0, firstOutput);
    assert.equal(await greeter(), "the first");
  });

  it("let the second one succeed once the first has ended", async () => {
    project.set("web", { migrate: undefined });
    await project.up();
    assert.equal(await greeter(), "the second");
  });
});
