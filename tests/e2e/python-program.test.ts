import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { repository } from "../../sandbox/paths.ts";
import { Project } from "./project.ts";

describe("The components in a Python program, end to end", () => {
  const project = new Project("python");
  const source = join(repository, "tests", "e2e", "python-program");
  const python = project.path(".venv", "bin", "python");
  const program = (operation: "up" | "preview") =>
    run([python, "run.py", operation, project.stack], { cwd: project.folder, env: project.env });

  before(async () => {
    cpSync(source, project.folder, { recursive: true });
    cpSync(join(repository, "tests", "e2e", "second-app"), project.path("second-app"), { recursive: true });
    cpSync(join(repository, "plugin"), project.path("plugin"), { recursive: true });
    writeFileSync(project.path("Pulumi.yaml"), "name: elsewhere\nruntime: python\npackages: { slipway: ./plugin }\n");
    project.configure((config) => {
      for (const key of Object.keys(config)) delete config[key];
      config["elsewhere:namespace"] = project.namespace;
    });
    await installSdk();
    await project.create();
    for (const [name, value] of Object.entries({ password: "of-a-python-program", token: "hunter2" }))
      await project.ok("config", "set", "--stack", project.stack, "--secret", name, value);
  });

  after(() => project.remove());

  /** What `pulumi package add` does, without the language host for Python, which no package registry serves. */
  async function installSdk(): Promise<void> {
    writeFileSync(project.path("schema.json"), await project.ok("package", "get-schema", "./plugin"));
    // In the module of the compiled CLI, and with its options, so that little is left to compile.
    await run(
      [
        ...["go", "run", "-trimpath", "-gcflags=all=-dwarf=false", "-ldflags", "-s -w"],
        ...[join(source, "generate-sdk.go"), project.path("schema.json"), project.path("sdk")],
      ],
      {
        cwd: join(repository, "sandbox", "compile", "pulumi"),
        env: { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" },
      },
    );
    await run(["python3", "-m", "venv", project.path(".venv")]);
    const pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    await run([...pip, "--requirement", project.path("requirements.txt"), project.path("sdk")]);
  }

  it("build an image, and run it beside its database", async () => {
    await program("up");
    assert.equal(await project.output("url"), "http://localhost:30096");
    const answer = await eventually(() =>
      fetch("http://localhost:30096/cgi-bin/hello").then((response) => response.text()),
    );
    assert.equal(answer, "hello from Python, with a secret of 7 letters\n");
    assert.equal(await project.query("select 1", "app", await project.output("host")), "1");
  });

  it("have nothing to do the second time, the URNs of a TypeScript program, and no secret in the state", async () => {
    await program("preview");
    const file = project.path("state", ".pulumi", "stacks", "elsewhere", `${project.stack}.json`);
    const state = readFileSync(file, "utf8");
    for (const component of ["Release::app", "Database::database", "WebApp::web"])
      assert.ok(state.includes(`"urn:pulumi:python::elsewhere::slipway:index:${component}"`), component);
    assert.doesNotMatch(state, /of-a-python-program|hunter2/);
  });
});
