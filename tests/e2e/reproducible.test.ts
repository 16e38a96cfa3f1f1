import assert from "node:assert/strict";
import { globSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import type { CapturedResource } from "../../commands/environments/capture-resources.ts";
import { Release } from "../../components/release.ts";
import type { ContentArgs } from "../../image/content-key.ts";
import { readSource } from "../../image/source.ts";
import { attempt, run } from "../../sandbox/command.ts";
import { environment, repository } from "../../sandbox/paths.ts";
import { deploy, only } from "../deploy.ts";
import { copyApp } from "./project.ts";
import { TemporaryFolders } from "./temporary-folders.ts";

/** Unpacked layer of an image. */
interface Layer {
  digest: string;
  /** Instruction of the Dockerfile that created it. */
  instruction: string;
  folder: string;
}

interface Built {
  digest: string;
  /** Default user of its processes. */
  user: string;
  layers: Layer[];
}

const folders = new TemporaryFolders();

/** Build settings of dev. */
const { build: devBuild } = parse(readFileSync(join(repository, "Pulumi.dev.yaml"), "utf8")).config["slipway:release"];

/** Builds the folder `app` of a checkout as a release does, but without the cache, and unpacks the image. */
async function build(checkout: string, hostname: string, settings: ContentArgs = { context: "app" }): Promise<Built> {
  const previous = process.cwd();
  process.chdir(checkout); // contexts are staged in the working directory
  let inputs: CapturedResource["inputs"];
  try {
    const from = await readSource(settings);
    const { resources } = await deploy(() => new Release("app", { repository: "registry.example.com/app", from }));
    inputs = only(resources, "docker-build:index:Image").inputs;
  } finally {
    process.chdir(previous);
  }
  const out = folders.make();
  const output = inputs.exports[0].raw.replace("type=registry", `type=oci,tar=false,dest=${join(out, "image")}`);
  const options = [
    ...Object.entries(inputs.buildArgs).map(([name, value]) => `build-arg:${name}=${value}`),
    ...Object.entries(inputs.labels).map(([name, value]) => `label:${name}=${value}`),
    `platform=${inputs.platforms.join(",")}`,
    `hostname=${hostname}`,
  ];
  const argv = [
    ...["buildctl", "build", "--no-cache", "--frontend", "dockerfile.v0", "--output", output],
    ...["--local", `context=${join(checkout, inputs.context.location)}`],
    ...["--local", `dockerfile=${join(checkout, inputs.dockerfile.location, "..")}`],
    ...options.flatMap((option) => ["--opt", option]),
  ];
  await run(argv, { env: environment() });
  return unpack(join(out, "image"), out);
}

/** Unpacks an image in the OCI layout. */
async function unpack(image: string, out: string): Promise<Built> {
  const json = (digest: string) => JSON.parse(readFileSync(blob(digest), "utf8"));
  const blob = (digest: string) => join(image, "blobs", ...digest.split(":"));
  const [{ digest }] = JSON.parse(readFileSync(join(image, "index.json"), "utf8")).manifests;
  const manifest = json(digest);
  const { history, config } = json(manifest.config.digest);
  const steps = history.filter((step: { empty_layer?: boolean }) => !step.empty_layer);
  const layers: Layer[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const folder = join(out, `layer-${index}`);
    mkdirSync(folder);
    await run(["tar", "--extract", "--file", blob(layer.digest), "--directory", folder, "--auto-compress"]);
    layers.push({ digest: layer.digest, instruction: steps[index].created_by, folder });
  }
  return { digest, user: config.User, layers };
}

/** @throws AssertionError with the instruction of the first different layer, and its different files */
async function assertSame(one: Built, other: Built): Promise<void> {
  for (const [index, layer] of one.layers.entries()) {
    const twin = other.layers[index];
    if (!twin || layer.digest === twin.digest) continue;
    const { stdout } = await attempt(["diff", "--recursive", "--brief", "--no-dereference", layer.folder, twin.folder]);
    assert.fail(`layer ${index} is ${layer.digest} and ${twin.digest}\n  made by: ${layer.instruction}\n${stdout}`);
  }
  assert.equal(one.digest, other.digest, "the layers are the same, the configuration of the image is not");
}

describe("An image from the same source", () => {
  let image: Built;
  after(folders.removeAll);

  it("has the same digest without a cache, from another path, with other modes and times, on another machine", async () => {
    const one = folders.make();
    const other = join(folders.make(), "deeper/and with a space");
    for (const checkout of [one, other]) copyApp(checkout);
    await run(["chmod", "--recursive", "go-rwx", other]);
    for (const path of globSync("**", { cwd: other })) utimesSync(join(other, path), 1e9, 1e9);
    mkdirSync(join(other, "app/noticeboard/__pycache__"));
    writeFileSync(join(other, "app/noticeboard/__pycache__/web.cpython-313.pyc"), "stale");

    image = await build(one, "one", devBuild);
    await assertSame(image, await build(other, "other", devBuild));
  });

  it("has the same digest if the Dockerfile does not set timestamps, unless `keepTimes` is set", async () => {
    const lines = ["FROM python:3.13-slim", "WORKDIR /app", "COPY . /app", "RUN echo same > /same"];
    const checkouts = [folders.make(), folders.make()] as const;
    for (const checkout of checkouts) {
      mkdirSync(join(checkout, "app/folder"), { recursive: true });
      writeFileSync(join(checkout, "app/Dockerfile"), lines.join("\n"));
    }
    const [one, other] = checkouts;
    await assertSame(await build(one, "one"), await build(other, "other"));
    const keepTimes = { context: "app", keepTimes: true };
    const before = await build(one, "one", keepTimes);
    await sleep(1000); // timestamps in layers are in whole seconds
    await assert.rejects(assertSame(before, await build(other, "other", keepTimes)), /made by: COPY \. \/app /);
  });

  it("contains no path and no time of its build", async () => {
    const own = image.layers.slice(-3);
    for (const { folder } of own) {
      for (const path of globSync("**/*", { cwd: folder })) {
        const full = join(folder, path);
        assert.doesNotMatch(path, /(^|\/)(root|tmp|\.cache|\.slipway|direct_url\.json)(\/|$)/);
        if (!statSync(full, { throwIfNoEntry: false })?.isFile()) continue;
        const bytes = readFileSync(full);
        for (const folder of folders.paths) assert.equal(bytes.includes(folder), false, `${path} names ${folder}`);
        // https://peps.python.org/pep-0552/: does not depend on the time of the source
        if (path.endsWith(".pyc")) assert.equal(bytes.readUInt32LE(4), 1, `${path} depends on the time of its source`);
      }
      const { stdout } = await attempt(["find", folder, "-mindepth", "1", "-newermt", "1970-01-02"]);
      assert.equal(stdout, "");
    }
  });

  it("runs as a user other than root by default, given by number", () => assert.match(image.user, /^[1-9]\d*(:\d+)?$/));

  it("contains its dependencies compiled, so that no start has to compile them", () => {
    const paths = (pattern: string) =>
      image.layers.flatMap(({ folder }) => globSync(`venv/lib/**/${pattern}`, { cwd: folder }));
    const sources = paths("*.py");
    assert.ok(sources.length > 500, `only ${sources.length} modules`);
    assert.equal(paths("__pycache__/*.pyc").length, sources.length);
  });

  it("that differs is reported with the layer, its instruction and the different files", async () => {
    const checkout = folders.make();
    mkdirSync(join(checkout, "app"));
    const lines = ["FROM python:3.13-slim", "RUN echo same > /same", "RUN cat /proc/sys/kernel/random/uuid > /id"];
    writeFileSync(join(checkout, "app/Dockerfile"), lines.join("\n"));
    await assert.rejects(
      assertSame(await build(checkout, "one"), await build(checkout, "one")),
      /^AssertionError.*: layer \d+ is sha256:.* and sha256:.*\n {2}made by: RUN .*random\/uuid > \/id.*\nFiles .*\/id and .*\/id differ\n$/,
    );
  });
});
