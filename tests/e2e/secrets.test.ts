import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { manifests, render } from "../../commands/environments/render.ts";
import { type RunResult, run } from "../../sandbox/command.ts";
import { paths } from "../../sandbox/paths.ts";
import { stackFiles } from "../../settings/stack-files.ts";
import { imagesOf } from "./environments.ts";
import { printsSecrets, python } from "./failing-version.ts";
import { imageContents } from "./image-contents.ts";
import { ProcessWatch } from "./process-watch.ts";
import { Project } from "./project.ts";
import { filesBelow, SecretSearch, spellings } from "./secret-search.ts";

/** Project that keeps the output of its commands. */
class RecordedProject extends Project {
  readonly outputs: [name: string, output: string][] = [];

  override async pulumi(...args: string[]): Promise<RunResult> {
    const result = await super.pulumi(...args);
    const command = `$ pulumi ${args.join(" ")}`;
    this.outputs.push([command, `${command}\n${result.stdout}\n${result.stderr}`]);
    return result;
  }
}

// New in each run, so that nothing left by an earlier run is found. Each spelling of them differs.
const random = (name: string) => `${name}/${randomBytes(6).toString("hex")}+"%&`;
const secrets = { databasePassword: random("db"), TOKEN: random("app"), BUILD_TOKEN: random("build") };

describe("Secrets, after successful and failing operations", () => {
  const project = new RecordedProject("secrets");
  const search = new SecretSearch(secrets);
  let processes: ProcessWatch;
  /** Name of the pod that prints its secrets: an application's own log is not searched. */
  let printingPod = "";

  /**
   * Asserts that none of the secrets is found.
   *
   * @param contents texts to search, each with a name
   * @param control text that must be found, which proves that the right place is searched
   */
  const assertNone = async (
    contents: Iterable<[string, string | Buffer]> | AsyncIterable<[string, string | Buffer]>,
    control: string,
  ) => {
    const found: string[] = [];
    let [count, bytes, hasControl] = [0, 0, false];
    for await (const [name, content] of contents) {
      count += 1;
      bytes += content.length;
      hasControl ||= content.includes(control);
      found.push(...search.in(content).map((value) => `${value} in ${name}`));
    }
    console.log(`      ${count} searched, ${(bytes / 1e6).toFixed(1)} MB`);
    assert.deepEqual(found, []);
    assert.ok(hasControl, `"${control}" was not found either`);
  };

  before(async () => {
    processes = new ProcessWatch(search);
    project.set("release", { repository: imagesOf(project) });
    project.set("web", { replicas: 1, drainSeconds: 1, deadlineSeconds: 20 });
    project.set("database", { backups: { keep: 2 } });
    const usesSecret = "RUN --mount=type=secret,id=BUILD_TOKEN test -s /run/secrets/BUILD_TOKEN\n";
    project.edit("app/Dockerfile", (text) => text.replace(/^USER /m, `${usesSecret}USER `));
    await project.create();
    await project.setSecret("databasePassword", secrets.databasePassword);
    await project.setSecret("secrets.TOKEN", secrets.TOKEN);
    await project.setSecret("buildSecrets.BUILD_TOKEN", secrets.BUILD_TOKEN);

    for (const form of [[], ["--diff"], ["--json"]]) await project.preview(...form);
    await project.up();
    await project.startBackup("backup-now");
    await project.kubectl("wait", "job", "backup-now", "--for=condition=Complete", "--timeout=120s");

    project.edit("app/Dockerfile", (text) => text.replace("test -s", "sha256sum --check"));
    await project.failingUp();
    project.edit("app/Dockerfile", (text) => text.replace("sha256sum --check", "test -s"));
    project.set("web", { command: python(`${printsSecrets}raise SystemExit(3)`) });
    for (const form of [[], ["--diff"], ["--json"]]) await project.preview(...form, "--save-plan=plan.json");
    await project.failingUp();
    const pods = await project.kubectl("get", "pods", "--selector=app.kubernetes.io/name=web", "--output=name");
    for (const pod of pods.trim().split("\n"))
      if (search.in(await project.kubectl("logs", pod)).length > 0) printingPod = pod.replace("pod/", "");
    processes.stop();
  });

  after(() => {
    processes.stop();
    return project.remove();
  });

  it("are found by this search in every spelling, and in the Secrets of the cluster", async () => {
    for (const [name, value] of Object.entries(secrets))
      for (const { name: spelling, bytes } of spellings(value))
        assert.ok(
          search.in(Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")])).length > 0,
          `${name} ${spelling}`,
        );
    for (const offset of [0, 1, 2])
      assert.ok(
        search.in(Buffer.from(`${"x".repeat(offset)}${secrets.TOKEN}, and more`).toString("base64")).length > 0,
      );
    const inCluster = search.in(await project.kubectl("get", "secrets", "--output", "yaml")).join();
    assert.match(inCluster, /databasePassword.*TOKEN/s);
    assert.ok(printingPod);
    assert.match(search.in(await project.kubectl("logs", printingPod)).join(), /TOKEN \(plain\)/);
  });

  it("are in no output of previews, updates and reports of failures", async () => {
    const output = project.outputs.join("\n");
    for (const control of ["| [secret]", "likely cause: crash loop", "sha256sum --check", '"steps"'])
      assert.ok(output.includes(control), control);
    await assertNone(project.outputs, "Previewing update");
  });

  it("are only encrypted in the state, its history and backups, plans and the stack file", async () => {
    await project.ok("stack", "export", "--stack", project.stack);
    await project.ok("stack", "history", "--json", "--stack", project.stack);
    await assertNone(project.outputs, '"ciphertext"');
    const files = () => filesBelow(project.folder, ["node_modules"]);
    assertPaths(files(), ["/history/", "/backups/", "plan.json", "Pulumi.secrets.yaml", ".slipway/builds"]);
    await assertNone(files(), "web-migration");

    writeFileSync(project.path("state", "planted"), secrets.TOKEN);
    await assert.rejects(assertNone(files(), "web-migration"), /TOKEN \(plain\) in .*planted/);
    rmSync(project.path("state", "planted"));
  });

  it("are in no log of containers, of the node, of the builder and of the registry", async () => {
    const logs = [...filesBelow(paths.log)].filter(([path]) => !path.includes(`_${printingPod}_`));
    const services = ["/kubelet.log", "/buildkitd.log", "/kube-apiserver.log"];
    assertPaths(logs, ["_database-0_", "_web-migration-", "_backup-now-", ...services]);
    await assertNone(logs, "login open: database-credentials-");
  });

  it("are in no object of the namespace except Secrets", async () => {
    const kinds = (await project.kinds()).filter((kind) => kind !== "secrets").join();
    await assertNone([["objects", await project.kubectl("get", kinds, "--output=yaml")]], "kind: StatefulSet");
  });

  it("are not in rendered manifests", async () => {
    const file = stackFiles(project.folder).find(({ stack }) => stack === project.stack);
    assert.ok(file);
    const rendered = stringify(manifests(await render(file, [])));
    await assertNone([["manifests", rendered]], "placeholder-for-databasePassword");
  });

  it("are not in the manifests, the configuration and the layers of an image", async () => {
    await assertNone(imageContents(imagesOf(project)), "<h1>Noticeboard");
  });

  it("are in no record of a build", async () => {
    await assertNone(filesBelow(paths.buildx), "sandbox");
    const histories = await run(["buildctl", "debug", "histories", "--format={{json .}}"], { env: project.env });
    await assertNone([["histories", histories]], "BUILD_TOKEN");
    await assertNone(filesBelow(join(paths.data, "buildkit"), ["snapshots"]), "test -s /run/secrets/BUILD_TOKEN");
  });

  it("are in no command line of a process", () => {
    for (const program of ["pulumi", "pulumi-resource-docker-build", "gunicorn", "psql", "runc"])
      assert.ok(
        [...processes.commandLines].some((line) => line.includes(program)),
        `${program} was not seen`,
      );
    console.log(`      ${processes.commandLines.size} command lines searched`);
    // Only root and the user of a process can read its environment.
    assert.match([...processes.inEnvironment].join("\n"), /databasePassword/);
    assert.deepEqual([...processes.inArguments], []);
  });
});

/** Asserts that each part is in one of the paths: a search of missing files finds nothing. */
function assertPaths(files: Iterable<[path: string, content: Buffer]>, parts: string[]): void {
  const all = [...files].map(([path]) => path);
  const missing = parts.filter((part) => !all.some((path) => path.includes(part)));
  assert.deepEqual(missing, []);
}
