import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import { httpRequest } from "../../sandbox/http.ts";
import { Project } from "./project.ts";
import { type RefusingRegistry, refuseNodes, robot } from "./refusing-registry.ts";
import { deployFinishedImage, deploySecondApp } from "./second-app.ts";

describe("A second application, in another language and without a database", () => {
  const project = Project.forSuite("second");

  it("is deployed only by settings", async () => {
    deploySecondApp(project, { environment: { GREETER: "a shell script" }, nodePort: 30091 });
    await project.create();
    await project.setSecret("secrets.TOKEN", "hunter2");
    await project.up();
    const { body } = await eventually(() => httpRequest("http://localhost:30091/cgi-bin/hello"));
    assert.equal(body, "hello from a shell script, with a secret of 7 letters\n");
  });

  it("has no StatefulSet, no claim and no Job", async () => {
    const kinds = await project.kubectl("get", "statefulsets,persistentvolumeclaims,jobs", "--output", "name");
    assert.equal(kinds, "");
  });
});

describe("A finished image of a private registry, on port 80", () => {
  const project = Project.forSuite("finished");
  let registry: RefusingRegistry;

  before(async () => {
    registry = await refuseNodes("localhost:5000", "private");
    deployFinishedImage(project, "busybox:1", {
      port: 80,
      command: ["httpd", "-f", "-p", "80", "-h", "/etc/slipway"],
      user: 65534,
      probes: {
        live: "/release.json",
        ready: { command: ["test", "-e", "/etc/slipway/release.json"] },
        host: "shop.example.com",
      },
      nodePort: 30097,
      deadlineSeconds: 15,
    });
    project.set("release", { repository: `${registry.address}/finished` });
    await project.create();
  });

  after(() => registry.stop());

  it("can't be pulled without a login, and `up` names the setting", async () => {
    assert.match(
      await project.failingUp(),
      /its image can't be pulled: .*or set a login for it \(slipway:pullSecret\)/s,
    );
  });

  it("is pulled with the login of the settings, and serves without root and without a file of its own", async () => {
    project.configure((config) => {
      config["slipway:pullSecret"] = { username: robot.username };
    });
    await project.setSecret("pullSecret.password", robot.password);
    await project.up();
    const { body } = await eventually(() => httpRequest("http://localhost:30097/release.json"));
    assert.match(JSON.parse(body).image, /\/finished@sha256:/);
    await project.assertNoChanges();
  });

  it("shows the password nowhere but in Secrets", async () => {
    const objects = await project.kubectl("get", "serviceaccounts,deployments,pods,events", "--output=json");
    for (const text of [objects, JSON.stringify(await project.deployment())])
      assert.ok(!text.includes(JSON.stringify(robot.password).slice(1, -1)));
  });
});
