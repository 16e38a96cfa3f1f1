import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { ensureBaseImages } from "../../sandbox/base-images.ts";
import { attempt, type RunResult, run } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { Noticeboard } from "./noticeboard.ts";
import { Project } from "./project.ts";

const nodePort = 30098;
const board = new Noticeboard(nodePort);
const cache = {
  image: "valkey/valkey:8.1",
  port: 6379,
  user: 999,
  command: ["valkey-server", "--requirepass", "$(PASSWORD)"],
  volumes: { "/data": { storage: "64Mi" } },
};
const accessories = { "slipway:accessories": { cache } };
const password = "correct-horse";
const uploads = "/app/uploads";

/** Sends commands to Valkey, and prints its answers. The first argument is the host, the others are commands. */
const client = `import socket, sys
connection = socket.create_connection((sys.argv[1], 6379), 2)
connection.sendall(("\\r\\n".join([*sys.argv[2:], "QUIT"]) + "\\r\\n").encode())
while answer := connection.recv(4096): print(answer.decode(), end="")`;

describe("Accessories and volumes of an environment, end to end", () => {
  const project = Project.forSuite("accessories");
  const other = `${project.namespace}-other`;

  const kubectl = (...args: string[]) => attempt(["kubectl", ...args], { env: project.env });
  const one = async (kind: string, component: string) => {
    const [object, ...more] = await project.objects(kind, `--selector=app.kubernetes.io/component=${component}`);
    assert.deepEqual(more, []);
    return object;
  };
  /** Runs a command in the application's pod. */
  const inWeb = async (...command: string[]) =>
    project.kubectl("exec", `deployment/${(await one("deployment", "web")).metadata.name}`, "--", ...command);
  const valkey = (...commands: string[]) => inWeb("python", "-c", client, "cache", `AUTH ${password}`, ...commands);
  const review = async (): Promise<string> => {
    const file = project.path(`${project.stack}.json`);
    writeFileSync(file, await project.ok("preview", "--json", "--stack", project.stack));
    return (await project.command("review/command.ts", ["--format", "text", file])).stdout;
  };

  before(async function () {
    // The first time, the image is built.
    this.timeout(900_000);
    await ensureBaseImages([accessories]);
    await kubectl("delete", "namespace", other, "--ignore-not-found");
    project.configure((config) => Object.assign(config, accessories));
    project.set("web", { nodePort });
    await project.create();
    await project.setSecret("accessorySecrets.cache.PASSWORD", password);
    await project.up();
    await board.ready();
  });

  after(() => kubectl("delete", "namespace", other, "--ignore-not-found"));

  it("let the application reach an accessory by its name, with a secret of its own", async () => {
    assert.match(await valkey("SET greeting hello", "GET greeting"), /\+OK\r?\n\+OK\r?\n\$5\r?\nhello/);
    assert.match(await inWeb("python", "-c", client, "cache", "PING"), /NOAUTH/);
    assert.doesNotMatch(JSON.stringify(await project.objects("statefulsets")), new RegExp(password));
  });

  it("let no pod of another namespace, and none without its label, reach an accessory", async () => {
    const web = await one("deployment", "web");
    const { securityContext, containers } = web.spec.template.spec;
    const pod = (namespace: string) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "stranger", namespace },
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        securityContext,
        containers: [
          {
            name: "stranger",
            image: containers[0].image,
            command: ["sleep", "1000"],
            securityContext: containers[0].securityContext,
          },
        ],
      },
    });
    await kubectl("create", "namespace", other);
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: [pod(other), pod(project.namespace)] });
    await run(["kubectl", "apply", "--filename=-"], { env: project.env, input });
    const service = (await project.objects("service")).find(({ metadata }) => metadata.name === "cache");
    for (const namespace of [other, project.namespace]) {
      await project.kubectl(
        "wait",
        "pod/stranger",
        `--namespace=${namespace}`,
        "--for=condition=Ready",
        "--timeout=60s",
      );
      const command = ["python", "-c", client, service.spec.clusterIP, "PING"];
      const { code, stderr }: RunResult = await kubectl(
        "exec",
        "stranger",
        `--namespace=${namespace}`,
        "--",
        ...command,
      );
      assert.notEqual(code, 0, namespace);
      assert.match(stderr, /timed out|refused|unreachable/i, namespace);
    }
    await project.kubectl("delete", "pod", "stranger");
  });

  it("keep what an accessory has on its volume when its pod is replaced", async () => {
    await valkey("SET kept yes", "SAVE");
    const before = await one("pod", "accessory");
    await project.kubectl("delete", "pod", before.metadata.name);
    await eventually(async () => assert.match(await valkey("GET kept"), /\$3\r?\nyes/), 60);
  });

  it("give an application that runs already a volume, whose one writer replaces two pods", async () => {
    const volumes = { [uploads]: { storage: "64Mi" }, "/run": {}, "/app/tmp": { size: "16Mi" } };
    project.set("web", { volumes });
    assert.match(await project.failingPreview(), /allowed: 1, because the volume at \/app\/uploads has one writer/);
    project.set("web", { replicas: 1 });
    await project.up();
    await board.ready();
    await eventually(() => project.noneStopping(), 60);
    const { strategy } = (await one("deployment", "web")).spec;
    assert.deepEqual(strategy, { type: "Recreate" });
    await one("pod", "web");
  });

  it("let the application write to its volumes and scratch folders, and to nothing else", async () => {
    await inWeb("sh", "-c", `for path in ${uploads} /run /app/tmp; do echo hello > $path/file; done`);
    await assert.rejects(inWeb("sh", "-c", "echo hello > /app/file"), /Read-only file system/);
  });

  it("say in the review that nobody serves while a pod with a single writer's volume is replaced", async () => {
    project.set("web.environment", { LOG_LEVEL: "debug" });
    assert.match(
      await review(),
      /its\s+one\s+pod\s+stops\s+before\s+the\s+first\s+new\s+one\s+starts;\s+none\s+serves\s+for\s+up\s+to\s+95\s+s/,
    );
  });

  it("keep the files of a volume over a rollout, which stops the old pod first", async () => {
    const before = await one("pod", "web");
    await project.up();
    await board.ready();
    await eventually(() => project.noneStopping(), 60);
    assert.notEqual((await one("pod", "web")).metadata.name, before.metadata.name);
    assert.equal(await inWeb("cat", `${uploads}/file`), "hello\n");
    await assert.rejects(inWeb("cat", "/run/file"), /No such file/);
  });

  it("are no change in a second preview, and are recorded in the outputs", async () => {
    await project.assertNoChanges();
    const { volumes } = await project.outputJson("data");
    assert.deepEqual(
      volumes.map(({ claim, storage }: { claim: string; storage: string }) => [claim, storage]),
      [
        ["web-uploads", "64Mi"],
        ["cache-data", "64Mi"],
      ],
    );
  });

  it("refuse to lose, shrink or grow a volume that can't", async () => {
    const web = "slipway:web";
    const refused = [
      [
        /volumes\["\/app\/uploads"\]\.storage is 32Mi, it was 64Mi: a volume can grow, never shrink/,
        { storage: "32Mi" },
      ],
      [/claim web-uploads can't grow, its storage class local-path never does it/, { storage: "128Mi" }],
      [
        /volumes\["\/app\/uploads"\]\.storageClass is other, it was not set/,
        { storage: "64Mi", storageClass: "other" },
      ],
      [/volumes\["\/app\/uploads"\]\.access is ReadWriteMany/, { storage: "64Mi", access: "ReadWriteMany" }],
      [/volumes\["\/app\/uploads"\] is gone.*the claim web-uploads, would be deleted/, undefined],
    ] as const;
    for (const [reason, volume] of refused)
      assert.match(await project.refusedPreview((config) => (config[web].volumes[uploads] = volume)), reason);
    assert.match(
      await project.refusedPreview((config) => delete config["slipway:accessories"].cache.volumes),
      /accessories\.cache\.volumes\["\/data"\] is gone/,
    );
    assert.match(
      await project.refusedPreview((config) => (config[web].replicas = 2)),
      /allowed: 1, because the volume at/,
    );
  });

  it("fail an update whose accessory never serves, with the cause, and serve again after the next", async () => {
    const set = (command: readonly string[]) =>
      project.configure((config) => {
        Object.assign(config["slipway:accessories"].cache, { command, probe: { startSeconds: 5 } });
      });
    set(["valkey-server", "--no-such-option", "1"]);
    const output = await project.failingUp();
    assert.match(output, /StatefulSet cache, likely cause: crash loop: container "cache" exits/);
    set(cache.command);
    await project.up();
    assert.match(await valkey("GET kept"), /\$3\r?\nyes/);
  });
});
