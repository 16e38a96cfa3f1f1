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
import { filesBelow, KnownValues, spellings } from "./known-values.ts";
import { Project } from "./project.ts";
import { SeenProcesses } from "./seen-processes.ts";

/** Keeps all that its commands print. */
class Recorded extends Project {
  readonly said: string[] = [];

  override async pulumi(...args: string[]): Promise<RunResult> {
    const result = await super.pulumi(...args);
    this.said.push(`$ pulumi ${args.join(" ")}\n${result.stdout}\n${result.stderr}`);
    return result;
  }
}

// New ones each time: what an earlier run left behind is not found, and nobody else has them. Each spelling is another.
const made = (what: string) => `${what}/${randomBytes(6).toString("hex")}+"%&`;
const secrets = { databasePassword: made("db"), TOKEN: made("app"), BUILD_TOKEN: made("build") };

describe("Secrets, after a full run with its failures", () => {
  const project = new Recorded("secrets");
  const known = new KnownValues(secrets);
  let processes: SeenProcesses;
  /** The pod that prints its own secrets: what an application writes to its log is its own affair. */
  let talkative = "";

  const setSecret = (...key: string[]) =>
    run(["pulumi", "config", "set", "--stack", project.stack, "--secret", ...key.slice(0, -1)], {
      ...{ cwd: project.folder, env: project.env, input: key.at(-1) },
    });

  /**
   * Makes sure that none of the values is found.
   *
   * @param contents what to look through, by a name for each
   * @param there a text that has to be found: who looks in the wrong place finds nothing at all
   */
  const assertNone = async (
    contents: Iterable<[string, string | Buffer]> | AsyncIterable<[string, string | Buffer]>,
    there: string,
  ) => {
    const found: string[] = [];
    let [number, bytes, isThere] = [0, 0, false];
    for await (const [name, content] of contents) {
      number += 1;
      bytes += content.length;
      isThere ||= content.includes(there);
      found.push(...known.in(content).map((value) => `${value} in ${name}`));
    }
    console.log(`      ${number} searched, ${(bytes / 1e6).toFixed(1)} MB`);
    assert.deepEqual(found, []);
    assert.ok(isThere, `"${there}" is not there either: nothing was searched`);
  };

  before(async () => {
    processes = new SeenProcesses(known);
    project.configure((config) => {
      config["slipway:release"].repository = imagesOf(project);
      Object.assign(config["slipway:web"], { replicas: 1, drainSeconds: 1, deadlineSeconds: 20 });
      config["slipway:database"].backups = { keep: 2 };
    });
    const usesSecret = "RUN --mount=type=secret,id=BUILD_TOKEN test -s /run/secrets/BUILD_TOKEN\n";
    project.edit("app/Dockerfile", (text) => text.replace(/^USER /m, `${usesSecret}USER `));
    await project.create();
    await setSecret("databasePassword", secrets.databasePassword);
    await setSecret("--path", "secrets.TOKEN", secrets.TOKEN);
    await setSecret("--path", "buildSecrets.BUILD_TOKEN", secrets.BUILD_TOKEN);

    for (const form of [[], ["--diff"], ["--json"]]) await project.preview(...form);
    await project.up();
    const cronJob = (await project.kubectl("get", "cronjobs", "--output=name")).trim();
    await project.kubectl("create", "job", `--from=${cronJob}`, "backup-now");
    await project.kubectl("wait", "job", "backup-now", "--for=condition=Complete", "--timeout=120s");

    project.edit("app/Dockerfile", (text) =>
      text.replace(usesSecret, usesSecret.replace("test -s", "sha256sum --check")),
    );
    await project.failingUp();
    project.edit("app/Dockerfile", (text) => text.replace("sha256sum --check", "test -s"));
    project.configure((config) => {
      config["slipway:web"].command = python(`${printsSecrets}raise SystemExit(3)`);
    });
    for (const form of [[], ["--diff"], ["--json"]]) await project.preview(...form, "--save-plan=plan.json");
    await project.failingUp();
    const pods = await project.kubectl("get", "pods", "--selector=app.kubernetes.io/name=web", "--output=name");
    for (const pod of pods.trim().split("\n"))
      if (known.in(await project.kubectl("logs", pod)).length > 0) talkative = pod.replace("pod/", "");
    processes.stop();
  });

  after(() => {
    processes.stop();
    return project.remove();
  });

  it("are found by this search in every spelling, and where they belong", async () => {
    for (const [name, value] of Object.entries(secrets))
      for (const { name: spelling, bytes } of spellings(value))
        assert.ok(
          known.in(Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")])).length > 0,
          `${name} ${spelling}`,
        );
    for (const offset of [0, 1, 2])
      assert.ok(known.in(Buffer.from(`${"x".repeat(offset)}${secrets.TOKEN}, and more`).toString("base64")).length > 0);
    // Kubernetes' Secrets, and with them etcd, are the one place that keeps them.
    const kept = known.in(await project.kubectl("get", "secrets", "--output", "yaml")).join();
    assert.match(kept, /databasePassword.*TOKEN/s);
    assert.ok(talkative);
    assert.match(known.in(await project.kubectl("logs", talkative)).join(), /TOKEN \(plain\)/);
  });

  it("are in no output: previews as text and JSON, updates, reports of failures", async () => {
    const said = project.said.join("\n");
    for (const there of ["| [secret]", "likely cause: crash loop", "sha256sum --check", '"steps"'])
      assert.ok(said.includes(there), there);
    await assertNone(
      project.said.map((text) => [text.split("\n")[0] ?? "", text]),
      "Previewing update",
    );
  });

  it("are not in the clear in the state, its history and backups, plans and the stack file", async () => {
    await project.ok("stack", "export", "--stack", project.stack);
    await project.ok("stack", "history", "--json", "--stack", project.stack);
    await assertNone(
      project.said.map((text) => [text.split("\n")[0] ?? "", text]),
      '"ciphertext"',
    );
    const files = () => filesBelow(project.folder, ["node_modules"]);
    for (const part of ["/history/", "/backups/", "plan.json", "Pulumi.secrets.yaml", ".slipway/builds"])
      assert.ok(
        [...files()].some(([path]) => path.includes(part)),
        part,
      );
    await assertNone(files(), "web-migration");

    writeFileSync(project.path("state", "planted"), secrets.TOKEN);
    await assert.rejects(assertNone(files(), "web-migration"), /TOKEN \(plain\) in .*planted/);
    rmSync(project.path("state", "planted"));
  });

  it("are in no log: of containers, of the node, of the builder and the registry", async () => {
    const logs = [...filesBelow(paths.log)].filter(([path]) => !path.includes(`_${talkative}_`));
    for (const part of [
      "_database-0_",
      "_web-migration-",
      "_backup-now-",
      "/kubelet.log",
      "/buildkitd.log",
      "/kube-apiserver.log",
    ])
      assert.ok(
        logs.some(([path]) => path.includes(part)),
        part,
      );
    await assertNone(logs, "login open: database-credentials-");
  });

  it("are in no object of the cluster but Secrets", async () => {
    const kinds = (await project.kubectl("api-resources", "--namespaced", "--verbs=list", "--output=name")).trim();
    const asked = kinds.split("\n").filter((kind) => kind !== "secrets");
    await assertNone([["objects", await project.kubectl("get", asked.join(), "--output=yaml")]], "kind: StatefulSet");
  });

  it("are not in rendered manifests", async () => {
    const file = stackFiles(project.folder).find(({ stack }) => stack === project.stack);
    assert.ok(file);
    const rendered = manifests(await render(file, [])).map((object): [string, string] => [
      "manifest",
      stringify(object),
    ]);
    await assertNone(rendered, "placeholder-for-slipway:databasePassword");
  });

  it("are in no image: manifests, configuration, layers", async () => {
    await assertNone(imageContents(imagesOf(project)), "<h1>Noticeboard");
  });

  it("are in no record of a build", async () => {
    await assertNone(filesBelow(paths.buildx), "sandbox");
    const histories = await run(["buildctl", "debug", "histories", "--format={{json .}}"], { env: project.env });
    await assertNone([["histories", histories]], "BUILD_TOKEN");
    const files = [...filesBelow(join(paths.data, "buildkit"), ["snapshots"])];
    await assertNone(files, "test -s /run/secrets/BUILD_TOKEN");
  });

  it("are in no list of processes", () => {
    for (const program of ["pulumi", "pulumi-resource-docker-build", "gunicorn", "psql", "runc"])
      assert.ok(
        [...processes.commandLines].some((line) => line.includes(program)),
        `${program} was not seen`,
      );
    console.log(`      ${processes.commandLines.size} command lines searched`);
    // Root, and a process's own user, can read them in its environment.
    assert.match([...processes.inEnvironment].join("\n"), /databasePassword/);
    assert.deepEqual([...processes.inArguments], []);
  });
});
