import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { Verified } from "../../components/release/verified.ts";
import { ImageRepository, sha256 } from "../../registry/repository.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { httpRequest } from "../../sandbox/http.ts";
import { Environment, imagesOf } from "./environments.ts";
import { type Change, Project, type Step } from "./project.ts";
import { pull, tags } from "./registry.ts";
import { assertUntouched } from "./untouched.ts";

/** Placeholder of the engine for a value that is not known yet. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const breakGlass = "the outage of 3 May, tested by hand";

describe("One release through all environments, end to end", () => {
  const dev = new Project("promotion");
  const test = new Environment("test", dev);
  const staging = new Environment("staging", dev);
  const prod = new Environment("prod", dev);
  const qa = new Environment("qa", dev, "staging");
  const environments = [test, qa, staging, prod];
  const registry = new ImageRepository(imagesOf(dev));

  let revision: string;

  const image = (environment: Project) => environment.output("image");
  const digestOf = async (environment: Project) => (await image(environment)).split("@")[1];
  const verified = (environment: Project): Promise<Verified> => environment.outputJson("verified");
  /** Annotations of the Deployment. */
  const annotations = async (environment: Project): Promise<Record<string, string>> =>
    JSON.parse(await environment.field("deployments", ".items[0].metadata.annotations"));
  const podField = async (environment: Project, path: string): Promise<string[]> =>
    (await environment.field("pods", path)).split(" ").sort();
  /**
   * Waits until all containers of the web app run one image, according to the node. Compares digests: the node may know the image
   * under the name of another repository.
   */
  const runs = (environment: Project, expected: string) =>
    eventually(async () => {
      const pods = '.items[?(@.metadata.labels.app\\.kubernetes\\.io/component=="web")]';
      const images = await podField(environment, `${pods}.status.containerStatuses[*].imageID`);
      const digests = new Set(images.map((id) => id.split("@")[1]));
      assert.deepEqual([...digests], [expected.split("@")[1]], environment.stack);
    });
  const podIds = (environment: Project) => podField(environment, ".items[*].metadata.uid");

  /** Steps of a preview that change something. */
  const changes = async (environment: Project): Promise<Step[]> =>
    (await environment.steps()).filter(({ op }) => op !== "same" && op !== "read");
  const release =
    (values: object): Change =>
    (config) =>
      Object.assign(config["slipway:release"], values);
  const refused = (environment: Environment, change: Change) =>
    assertUntouched(environment, () => environment.refusedPreview(change));

  before(async () => {
    revision = await dev.commit("The first version");
    dev.set("release", { repository: imagesOf(dev) });
    await Promise.all([dev, ...environments].filter((each) => each !== test).map((each) => each.create()));
  });

  after(async () => {
    await Promise.all(environments.map((environment) => environment.destroy()));
    await dev.remove();
  });

  it("refuses to promote from a stack that does not exist or has verified nothing", async () => {
    const output = await staging.refusedPreview(() => {});
    assert.match(output, /promoteFrom is test, which can't be read; nothing was changed/);
    assert.match(output, /pulumi stack init test && pulumi up --stack test/);
    await test.create();
    assert.match(
      await staging.refusedPreview(() => {}),
      /v1\.1, which was never verified in test;.*Verified there: +nothing yet/s,
    );
  });

  it("runs one digest in all environments, also in dev, which builds the same source without a name", async () => {
    await Promise.all([dev.up(), test.up()]);
    await staging.up();
    await prod.up();
    const digest = await digestOf(test);
    for (const environment of [dev, test, staging, prod]) {
      await runs(environment, await image(test));
      if (environment === dev) continue;
      assert.equal((await verified(environment))["v1.1"]?.digest, digest);
      assert.equal((await annotations(environment))["org.opencontainers.image.version"], "v1.1");
      assert.equal((await annotations(environment))["org.opencontainers.image.revision"], revision);
    }
    for (const environment of [staging, prod])
      assert.doesNotMatch(await environment.ok("stack", "export", "--stack", environment.stack), /docker-build/);
  });

  it("is served by each environment under its own host, with a certificate for it", async () => {
    for (const environment of [test, staging, prod]) {
      const url = await environment.output("url");
      assert.equal(url, `https://${environment.namespace}.example.com`);
      const { status, body } = await eventually(() => httpRequest(url));
      assert.equal(status, 200);
      assert.match(body, new RegExp(environment.stack));
    }
  });

  it("is intact in the registry for all environments, according to `npm run releases`", async () => {
    const { code, stdout, stderr } = await dev.command("releases/releases.ts");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^v1\.1 +[0-9a-f]{8} +intact( +running){4}$/m);
  });

  it("has nothing to do the second time, promoted or built", async () => {
    for (const environment of [test, staging]) await environment.assertNoChanges();
  });

  it("refuses a release that was never verified, and lists the verified ones", async () => {
    const output = await refused(staging, release({ name: "v9.9" }));
    assert.match(output, /v9\.9, which was never verified in test; nothing was changed/);
    assert.match(output, /Verified there: +v1\.1\n/);
  });

  it("refuses a release that the registry does not have, verified or with breakGlass", async () => {
    const elsewhere = await refused(staging, release({ repository: "localhost:5000/elsewhere" }));
    assert.match(
      elsewhere,
      /registry does not show localhost:5000\/elsewhere:v1\.1; nothing was changed.*has no image/s,
    );
    const never = await staging.refusedPreview(release({ name: "v9.9", breakGlass }));
    assert.match(never, /registry does not show .*:v9\.9; nothing was changed/);
  });

  it("refuses a tag that has moved, also with breakGlass, and prints both digests", async () => {
    const original = await pull(registry, "v1.1");
    const annotated = JSON.stringify({ ...JSON.parse(original.body), annotations: { moved: "yes" } });
    await registry.pushManifest("v1.1", original.mediaType, annotated);
    try {
      for (const reason of [undefined, breakGlass]) {
        const output = await refused(staging, release({ breakGlass: reason }));
        assert.match(output, new RegExp(`verified: ${await digestOf(test)}\\s+now: +${sha256(annotated)}`));
      }
    } finally {
      await registry.pushManifest("v1.1", original.mediaType, original.body);
    }
  });

  it("refuses an output `verified` that was edited by hand", async () => {
    const file = test.path("state.json");
    const importState = () => test.ok("stack", "import", "--stack", "test", "--file", file);
    await test.ok("stack", "export", "--stack", "test", "--file", file);
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.replaceAll(`"digest": "${await digestOf(test)}"`, '"digest": "latest"'));
    await importState();
    try {
      const output = await refused(staging, () => {});
      assert.match(output, /verified\.v1\.1\.digest.*pulumi stack export --stack test --file state\.json/s);
    } finally {
      writeFileSync(file, before);
      await importState();
    }
  });

  it("refuses to build and to promote at once, and to promote from itself", async () => {
    const both = await refused(staging, release({ build: { context: "app" } }));
    assert.match(both, /slipway:release\.promoteFrom.*a stack builds or promotes/s);
    const itself = await staging.refusedPreview(release({ promoteFrom: "staging" }));
    assert.match(itself, /promoteFrom is staging, which is this stack itself; nothing was changed/);
  });

  it("restarts no pod for a new name of unchanged source, and previews that", async () => {
    const pods = await podIds(test);
    test.release("v1.2");
    const steps = await changes(test);
    const changed = steps.map(({ op, urn }) => `${op} ${urn.split("::").slice(-2).join(" ").split("$").at(-1)}`);
    assert.deepEqual(changed.sort(), [
      "update docker-build:index:Image app-name",
      "update kubernetes:apps/v1:Deployment web",
      "update kubernetes:core/v1:ConfigMap web-release",
    ]);
    for (const { urn, newState } of steps)
      if (urn.includes("kubernetes:")) assert.doesNotMatch(JSON.stringify(newState), new RegExp(unknown));
    await test.up();
    assert.deepEqual(await podIds(test), pods);
    const { "v1.1": first, "v1.2": second } = await verified(test);
    assert.deepEqual(second, first);
    assert.equal((await pull(registry, "v1.2")).digest, (await pull(registry, "v1.1")).digest);
  });

  it("restarts no pod for a commit that leaves the image as it is", async () => {
    const pods = await podIds(test);
    dev.edit("app/README.md", (text) => `${text}\nOne line more.\n`);
    revision = await dev.commit("Explain");
    await test.up();
    assert.deepEqual(await podIds(test), pods);
    assert.equal((await annotations(test))["org.opencontainers.image.revision"], revision);
  });

  it("refuses to give a used name to other source, before the build", async () => {
    dev.edit("app/noticeboard/__init__.py", (text) => `${text}\n# another version\n`);
    await dev.commit("Another version");
    const output = await refused(test, () => {});
    assert.match(output, /v1\.2, but that was released from other source; nothing was changed.*release\.name v1\.3/s);
  });

  it("rolls back to an earlier release by its name, without a build or a migration", async () => {
    const first = await image(staging);
    test.release("v1.3");
    await test.up();
    staging.release("v1.3");
    await staging.up();
    const second = await image(staging);
    assert.equal(second, await image(test));
    assert.notEqual(second, first);

    const images = await tags(registry);
    staging.release("v1.1");
    const steps = await changes(staging);
    assert.ok(steps.some(({ op, urn }) => op === "update" && urn.includes("apps/v1:Deployment")));
    assert.ok(!steps.some(({ urn }) => urn.includes("docker-build")));
    // Both have the same migrations, which have already run here.
    assert.ok(!steps.some(({ urn }) => urn.endsWith("::web-migration")));
    await staging.up();
    await runs(staging, first);
    assert.deepEqual(await tags(registry), images);
    assert.deepEqual(Object.keys(await verified(staging)).sort(), ["v1.1", "v1.3"]);
  });

  it("is promoted through a fifth environment, which is one more file", async () => {
    qa.release("v1.3");
    await qa.up();
    staging.set("release", { name: "v1.3", promoteFrom: "qa" });
    await staging.up();
    await runs(staging, await image(test));
    const output = await staging.refusedPreview(release({ name: "v1.2" }));
    assert.match(output, /v1\.2, which was never verified in qa;.*Verified there: +v1\.3\n/s);
  });

  it("adds nothing to the output `verified` if the release does not serve, and keeps what is there", async () => {
    const before = await verified(test);
    test.release("v1.4");
    test.set("web", { command: ["false"], deadlineSeconds: 10 });
    await test.failingUp();
    assert.deepEqual(await verified(test), before);
    assert.match(await qa.refusedPreview(release({ name: "v1.4" })), /v1\.4, which was never verified/);
  });

  it("deploys a release that was never verified with breakGlass, and shows the reason", async () => {
    prod.set("release", { name: "v1.4", breakGlass });
    await prod.up();
    assert.equal(await digestOf(prod), (await pull(registry, "v1.4")).digest);
    assert.deepEqual(await prod.outputJson("running"), { name: "v1.4", commit: "unknown", breakGlass });
    const shown = await annotations(prod);
    assert.equal(shown["slipway/break-glass"], breakGlass);
    assert.equal(shown["kubernetes.io/change-cause"], `release v1.4, commit unknown, break glass: ${breakGlass}`);
  });
});
