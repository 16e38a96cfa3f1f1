import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../../sandbox/eventually.ts";
import { repository } from "../../sandbox/paths.ts";
import { Project } from "./project.ts";

describe("A second application, in another language and without a database", () => {
  const project = new Project("second");
  after(() => project.remove());

  it("deploys by settings alone", async () => {
    cpSync(join(repository, "tests", "e2e", "second-app"), project.path("second-app"), { recursive: true });
    project.configure((config) => {
      config["slipway:release"] = { repository: "localhost:5000/second", build: { context: "second-app" } };
      config["slipway:web"] = {
        port: 8080,
        replicas: 1,
        environment: { GREETER: "a shell script" },
        probes: { live: "/index.html", ready: "/index.html" },
        nodePort: 30091,
      };
      delete config["slipway:database"];
      delete config["slipway:databasePassword"];
    });
    await project.create();
    await project.ok("config", "set", "--stack", "second", "--secret", "--path", "secrets.TOKEN", "hunter2");
    await project.up();
    const answer = await eventually(() =>
      fetch("http://localhost:30091/cgi-bin/hello").then((response) => response.text()),
    );
    assert.equal(answer, "hello from a shell script, with a secret of 7 letters\n");
  });

  it("has no part of a database", async () => {
    const kinds = await project.kubectl("get", "statefulsets,persistentvolumeclaims,jobs", "--output", "name");
    assert.equal(kinds, "");
  });
});
