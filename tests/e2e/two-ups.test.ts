import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { eventually } from "../../sandbox/eventually.ts";
import { repository } from "../../sandbox/paths.ts";
import { Project } from "./project.ts";
import { begins, RunningUp } from "./running-up.ts";
import { leavesAlone } from "./untouched.ts";

describe("Two `pulumi up` of one stack at once, end to end", () => {
  const project = new Project("two-ups");

  const greeter = () =>
    project.kubectl(
      "get",
      "deployments",
      "--output=jsonpath={.items[*].spec.template.spec.containers[0].env[0].value}",
    );

  const greet = (name: string) =>
    project.configure((config) => {
      config["slipway:web"].environment.GREETER = name;
    });

  before(async () => {
    cpSync(join(repository, "tests", "e2e", "second-app"), project.path("second-app"), { recursive: true });
    project.configure((config) => {
      config["slipway:release"] = { repository: "localhost:5000/second", build: { context: "second-app" } };
      config["slipway:web"] = {
        port: 8080,
        replicas: 1,
        // Long enough for the second one to come and go while nothing moves.
        migrate: ["sleep", "15"],
        environment: { GREETER: "nobody" },
        probes: { live: "/index.html", ready: "/index.html" },
        drainSeconds: 1,
      };
      delete config["slipway:database"];
      delete config["slipway:databasePassword"];
    });
    await project.create();
  });

  after(() => project.remove());

  it("lets the second one say who holds the lock, and change nothing", async () => {
    greet("the first");
    const first = new RunningUp(project);
    await first.reached(begins("web-migration"));
    await eventually(() =>
      project.kubectl("wait", "job", "--all", "--for=jsonpath={.status.ready}=1", "--timeout=10s"),
    );
    greet("the second");
    const started = Date.now();
    const output = await leavesAlone(project, () => project.failingUp());
    console.log(`      refused after ${((Date.now() - started) / 1000).toFixed(1)} s`);
    const holder = `created by ${userInfo().username}@${hostname()} \\(pid ${first.pid}\\) at \\d{4}-`;
    assert.match(output, new RegExp(`the stack is currently locked by 1 lock\\(s\\)[^]*${holder}`));
    assert.match(output, /pulumi cancel/);

    const { code, output: said } = await first.ended;
    assert.equal(code, 0, said);
    assert.equal(await greeter(), "the first");
  });

  it("lets the second one through once the first has ended", async () => {
    project.configure((config) => {
      config["slipway:web"].migrate = undefined;
    });
    await project.up();
    assert.equal(await greeter(), "the second");
  });
});
