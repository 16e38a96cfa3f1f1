import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Verified } from "../../components/release/verified.ts";
import { ImageRepository, sha256 } from "../../registry/repository.ts";
import { attempt } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { httpRequest } from "../../sandbox/http.ts";
import { repository } from "../../sandbox/paths.ts";
import { Environment, imagesOf } from "./environments.ts";
import { Project } from "./project.ts";
import { pull, tags } from "./registry.ts";
import { leavesAlone } from "./untouched.ts";

/** A step of a preview, as `pulumi preview --json` has it. */
interface Step {
  readonly op: string;
  readonly urn: string;
  readonly newState?: { readonly inputs: unknown };
}

/** What the engine says in place of what it does not know yet. */
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

  const git = (...args: string[]) =>
    execFileSync("git", ["-C", dev.folder, "-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      encoding: "utf8",
    }).trim();
  const commit = (message: string): string => {
    git("add", "app");
    git("commit", "--quiet", "--message", message);
    return git("rev-parse", "HEAD");
  };

  const image = (environment: Project) => environment.output("image");
  const digestOf = async (environment: Project) => (await image(environment)).split("@")[1];
  const json = async (environment: Project, name: string) =>
    JSON.parse(await environment.ok("stack", "output", name, "--json", "--stack", environment.stack));
  const verified = (environment: Project): Promise<Verified> => json(environment, "verified");

  /** Of the Deployment. */
  const annotations = async (environment: Project): Promise<Record<string, string>> =>
    JSON.parse(
      await environment.kubectl("get", "deployments", "--output", "jsonpath={.items[0].metadata.annotations}"),
    );

  const field = async (environment: Project, path: string): Promise<string[]> =>
    (await environment.kubectl("get", "pods", "--output", `jsonpath={${path}}`)).split(" ").sort();
  /**
   * Sees that the web app's containers all run one image, by what the node says, once those before have ended. By its digest: the
   * node may know the same image under another repository's name as well.
   */
  const runs = (environment: Project, expected: string) =>
    eventually(async () => {
      const pods = '.items[?(@.metadata.labels.app\\.kubernetes\\.io/component=="web")]';
      const images = await field(environment, `${pods}.status.containerStatuses[*].imageID`);
      const digests = new Set(images.map((id) => id.split("@")[1]));
      assert.deepEqual([...digests], [expected.split("@")[1]], environment.stack);
    });
  const podIds = (environment: Project) => field(environment, ".items[*].metadata.uid");

  /** What a preview would change. */
  const steps = async (environment: Project): Promise<Step[]> => {
    const preview: { steps: Step[] } = JSON.parse(
      await environment.ok("preview", "--json", "--stack", environment.stack),
    );
    return preview.steps.filter(({ op }) => op !== "same" && op !== "read");
  };

  /** What a preview with other settings says, which has to be a refusal that leaves everything as it is. */
  // biome-ignore lint/suspicious/noExplicitAny: settings of any shape, wrong ones too
  const refused = async (environment: Environment, change: (config: any) => void): Promise<string> => {
    const file = environment.path(`Pulumi.${environment.stack}.yaml`);
    cpSync(file, `${file}.before`);
    environment.configure(change);
    const { code, stdout, stderr } = await environment.preview();
    cpSync(`${file}.before`, file);
    assert.notEqual(code, 0, stdout);
    return stdout + stderr;
  };
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const refusedUntouched = (environment: Environment, change: (config: any) => void) =>
    leavesAlone(environment, () => refused(environment, change));

  before(async () => {
    git("init", "--quiet");
    commit("The first version");
    dev.configure((config) => {
      config["slipway:release"].repository = imagesOf(dev);
      config["slipway:web"].nodePort = undefined;
    });
    await Promise.all([dev, ...environments].filter((each) => each !== test).map((each) => each.create()));
  });

  after(async () => {
    await Promise.all(environments.map((environment) => environment.destroy()));
    await dev.remove();
  });

  it("waits for the stack to promote from, which has to be there, and to have verified something", async () => {
    const output = await refused(staging, () => {});
    assert.match(output, /promoteFrom is test, which can't be read; nothing was changed/);
    assert.match(output, /pulumi stack init test && pulumi up --stack test/);
    await test.create();
    assert.match(
      await refused(staging, () => {}),
      /v1\.1, which was never verified in test;.*Verified there: +nothing yet/s,
    );
  });

  it("ends with one digest everywhere, also where the same source was built without a name", async () => {
    await Promise.all([dev.up(), test.up()]);
    await staging.up();
    await prod.up();
    const digest = await digestOf(test);
    for (const environment of [dev, test, staging, prod]) {
      await runs(environment, await image(test));
      if (environment === dev) continue;
      assert.equal((await verified(environment))["v1.1"]?.digest, digest);
      assert.equal((await annotations(environment))["org.opencontainers.image.version"], "v1.1");
      assert.equal((await annotations(environment))["org.opencontainers.image.revision"], git("rev-parse", "HEAD"));
    }
    for (const environment of [staging, prod])
      assert.doesNotMatch(await environment.ok("stack", "export", "--stack", environment.stack), /docker-build/);
  });

  it("is served by each under its own host, with a certificate for that", async () => {
    for (const environment of [test, staging, prod]) {
      const url = await environment.output("url");
      assert.equal(url, `https://${environment.namespace}.example.com`);
      const { status, body } = await eventually(() => httpRequest(url));
      assert.equal(status, 200);
      assert.match(body, new RegExp(environment.stack));
    }
  });

  it("is what the registry has on record, wherever it runs", async () => {
    const command = ["node", join(repository, "commands/releases/releases.ts")];
    const { code, stdout, stderr } = await attempt(command, { cwd: dev.folder, env: dev.env });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^v1\.1 +[0-9a-f]{8} +intact( +running){4}$/m);
  });

  it("has nothing to do the second time, promoted or built", async () => {
    for (const environment of [test, staging]) {
      const { code, stdout } = await environment.preview("--expect-no-changes");
      assert.equal(code, 0, stdout);
    }
  });

  it("refuses a release that was never verified, and lists those that were", async () => {
    const output = await refusedUntouched(staging, (config) => {
      config["slipway:release"].name = "v9.9";
    });
    assert.match(output, /v9\.9, which was never verified in test; nothing was changed/);
    assert.match(output, /Verified there: +v1\.1\n/);
  });

  it("refuses a release that the registry does not have, verified or by broken glass", async () => {
    const elsewhere = await refusedUntouched(staging, (config) => {
      config["slipway:release"].repository = "localhost:5000/elsewhere";
    });
    assert.match(
      elsewhere,
      /registry does not show localhost:5000\/elsewhere:v1\.1; nothing was changed.*has no image/s,
    );
    const never = await refused(staging, (config) => {
      Object.assign(config["slipway:release"], { name: "v9.9", breakGlass });
    });
    assert.match(never, /registry does not show .*:v9\.9; nothing was changed/);
  });

  it("refuses a tag that has moved, also by broken glass, with both digests", async () => {
    const original = await pull(registry, "v1.1");
    const annotated = JSON.stringify({ ...JSON.parse(original.body), annotations: { moved: "yes" } });
    await registry.pushManifest("v1.1", original.mediaType, annotated);
    try {
      for (const reason of [undefined, breakGlass]) {
        const output = await refusedUntouched(staging, (config) => {
          config["slipway:release"].breakGlass = reason;
        });
        assert.match(output, new RegExp(`verified: ${await digestOf(test)}\\s+now: +${sha256(annotated)}`));
      }
    } finally {
      await registry.pushManifest("v1.1", original.mediaType, original.body);
    }
  });

  it("refuses a record that was edited by hand", async () => {
    const file = test.path("state.json");
    const importing = ["stack", "import", "--stack", "test", "--file", file];
    await test.ok("stack", "export", "--stack", "test", "--file", file);
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.replaceAll(`"digest": "${await digestOf(test)}"`, '"digest": "latest"'));
    await test.ok(...importing);
    try {
      const output = await refusedUntouched(staging, () => {});
      assert.match(output, /verified\.v1\.1\.digest.*pulumi stack export --stack test --file state\.json/s);
    } finally {
      writeFileSync(file, before);
      await test.ok(...importing);
    }
  });

  it("refuses to build and to promote at once, and to promote from itself", async () => {
    const both = await refusedUntouched(staging, (config) => {
      config["slipway:release"].build = { context: "app" };
    });
    assert.match(both, /slipway:release\.promoteFrom.*a stack builds or promotes/s);
    const itself = await refused(staging, (config) => {
      config["slipway:release"].promoteFrom = "staging";
    });
    assert.match(itself, /promoteFrom is staging, which is this stack itself; nothing was changed/);
  });

  it("restarts nothing for a new name of unchanged source, and its preview says so", async () => {
    const pods = await podIds(test);
    test.release("v1.2");
    const changes = await steps(test);
    const changed = changes.map(({ op, urn }) => `${op} ${urn.split("::").slice(-2).join(" ").split("$").at(-1)}`);
    assert.deepEqual(changed.sort(), [
      "update docker-build:index:Image app-name",
      "update kubernetes:apps/v1:Deployment web",
      "update kubernetes:core/v1:ConfigMap web-release",
    ]);
    for (const { urn, newState } of changes)
      if (urn.includes("kubernetes:")) assert.doesNotMatch(JSON.stringify(newState), new RegExp(unknown));
    await test.up();
    assert.deepEqual(await podIds(test), pods);
    const { "v1.1": first, "v1.2": second } = await verified(test);
    assert.deepEqual(second, first);
    assert.equal((await pull(registry, "v1.2")).digest, (await pull(registry, "v1.1")).digest);
  });

  it("restarts nothing for a commit alone", async () => {
    const pods = await podIds(test);
    dev.edit("app/README.md", (text) => `${text}\nOne line more.\n`);
    const revision = commit("Explain");
    await test.up();
    assert.deepEqual(await podIds(test), pods);
    assert.equal((await annotations(test))["org.opencontainers.image.revision"], revision);
  });

  it("refuses, before anything is built, to give a name to other source", async () => {
    dev.edit("app/noticeboard/__init__.py", (text) => `${text}\n# another version\n`);
    commit("Another version");
    const output = await refusedUntouched(test, () => {});
    assert.match(output, /v1\.2, but that was released from other source; nothing was changed.*release\.name v1\.3/s);
  });

  it("goes back to an earlier release by its name, without a build or a migration", async () => {
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
    const changes = await steps(staging);
    assert.ok(changes.some(({ op, urn }) => op === "update" && urn.includes("apps/v1:Deployment")));
    assert.ok(!changes.some(({ urn }) => urn.includes("docker-build")));
    // Both have the same migrations, which have run here already.
    assert.ok(!changes.some(({ urn }) => urn.endsWith("::web-migration")));
    await staging.up();
    await runs(staging, first);
    assert.deepEqual(await tags(registry), images);
    assert.deepEqual(Object.keys(await verified(staging)).sort(), ["v1.1", "v1.3"]);
  });

  it("goes through a fifth environment, which is one more file", async () => {
    qa.release("v1.3");
    await qa.up();
    staging.configure((config) => {
      Object.assign(config["slipway:release"], { name: "v1.3", promoteFrom: "qa" });
    });
    await staging.up();
    await runs(staging, await image(test));
    const output = await refused(staging, (config) => {
      config["slipway:release"].name = "v1.2";
    });
    assert.match(output, /v1\.2, which was never verified in qa;.*Verified there: +v1\.3\n/s);
  });

  it("records nothing where the release does not serve, and keeps what was recorded", async () => {
    const before = await verified(test);
    test.release("v1.4");
    test.configure((config) => {
      Object.assign(config["slipway:web"], { command: ["false"], deadlineSeconds: 10 });
    });
    await test.failingUp();
    assert.deepEqual(await verified(test), before);
    assert.match(
      await refused(qa, (config) => (config["slipway:release"].name = "v1.4")),
      /v1\.4, which was never verified/,
    );
  });

  it("breaks the glass for a release that was never verified, and says why", async () => {
    prod.configure((config) => {
      Object.assign(config["slipway:release"], { name: "v1.4", breakGlass });
    });
    await prod.up();
    assert.equal(await digestOf(prod), (await pull(registry, "v1.4")).digest);
    assert.deepEqual(await json(prod, "running"), { name: "v1.4", commit: "unknown", breakGlass });
    const said = await annotations(prod);
    assert.equal(said["slipway/break-glass"], breakGlass);
    assert.equal(said["kubernetes.io/change-cause"], `release v1.4, commit unknown, break glass: ${breakGlass}`);
  });
});
