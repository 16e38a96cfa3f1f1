import assert from "node:assert/strict";
import { eventually } from "../../sandbox/eventually.ts";
import { httpRequest } from "../../sandbox/http.ts";
import { Project } from "./project.ts";
import { deploySecondApp } from "./second-app.ts";

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
