import assert from "node:assert/strict";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import type { CapturedResource } from "../../commands/environments/capture-resources.ts";
import { Release } from "../../components/release.ts";
import type { ContentArgs } from "../../image/content-key.ts";
import { readSource } from "../../image/source.ts";
import { attempt, run } from "../../sandbox/command.ts";
import { environment, repository } from "../../sandbox/paths.ts";
import { deploy, only } from "../deploy.ts";

/** A layer of a built image, unpacked. */
interface Layer {
  digest: string;
  /** The instruction of the Dockerfile that made it. */
  instruction: string;
  folder: string;
}

interface Built {
  digest: string;
  /** Who runs what is in it, where nothing else is said. */
  user: string;
  layers: Layer[];
}

const folders: string[] = [];

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-reproducible-"));
  folders.push(folder);
  return folder;
}

/** How dev builds the application. */
const { build: asInDev } = parse(readFileSync(join(repository, "Pulumi.dev.yaml"), "utf8")).config["slipway:release"];

/** Builds the folder `app` of a checkout as a release does, but with nothing from the cache, into an archive. */
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
  const out = emptyFolder();
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

/** Reads an image that lies in a folder in the OCI layout. */
async function unpack(image: string, out: string): Promise<Built> {
  const json = (digest: string) => JSON.parse(readFileSync(blob(digest), "utf8"));
  const blob = (digest: string) => join(image, "blobs", ...digest.split(":"));
  const [{ digest }] = JSON.parse(readFileSync(join(image, "index.json"), "utf8")).manifests;
  const manifest = json(digest);
  const { history, config } = json(manifest.config.digest);
  const made = history.filter((step: { empty_layer?: boolean }) => !step.empty_layer);
  const layers: Layer[] = [];
  for (const [index, layer] of manifest.layers.entries()) {
    const folder = join(out, `layer-${index}`);
    mkdirSync(folder);
    await run(["tar", "--extract", "--file", blob(layer.digest), "--directory", folder, "--auto-compress"]);
    layers.push({ digest: layer.digest, instruction: made[index].created_by, folder });
  }
  return { digest, user: config.User, layers };
}

/** @throws AssertionError with the instruction of the first layer that differs, and the files that do */
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
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  it("has the same digest: without a cache, from another place, with other modes and times, on another machine", async () => {
    const one = emptyFolder();
    const other = join(emptyFolder(), "deeper/and with a space");
    for (const checkout of [one, other]) {
      cpSync(join(repository, "app"), join(checkout, "app"), {
        recursive: true,
        filter: (path) => !/\/(\.venv|__pycache__|\.coverage|\.pytest_cache|\.ruff_cache)/.test(path),
      });
    }
    await run(["chmod", "--recursive", "go-rwx", other]);
    for (const path of globSync("**", { cwd: other })) utimesSync(join(other, path), 1e9, 1e9);
    mkdirSync(join(other, "app/noticeboard/__pycache__"));
    writeFileSync(join(other, "app/noticeboard/__pycache__/web.cpython-313.pyc"), "stale");

    image = await build(one, "one", asInDev);
    await assertSame(image, await build(other, "other", asInDev));
  });

  it("has the same digest where the Dockerfile says nothing of times, unless they are to be kept", async () => {
    const lines = ["FROM python:3.13-slim", "WORKDIR /app", "COPY . /app", "RUN echo same > /same"];
    const checkouts = [emptyFolder(), emptyFolder()] as const;
    for (const checkout of checkouts) {
      mkdirSync(join(checkout, "app/folder"), { recursive: true });
      writeFileSync(join(checkout, "app/Dockerfile"), lines.join("\n"));
    }
    const [one, other] = checkouts;
    await assertSame(await build(one, "one"), await build(other, "other"));
    const kept = { context: "app", keepTimes: true };
    const before = await build(one, "one", kept);
    await pause(1000); // layers have the times in whole seconds
    await assert.rejects(assertSame(before, await build(other, "other", kept)), /made by: COPY \. \/app /);
  });

  it("holds nothing of where and when it was built", async () => {
    const own = image.layers.slice(-3);
    for (const { folder } of own) {
      for (const path of globSync("**/*", { cwd: folder })) {
        const full = join(folder, path);
        assert.doesNotMatch(path, /(^|\/)(root|tmp|\.cache|\.slipway|direct_url\.json)(\/|$)/);
        if (!statSync(full, { throwIfNoEntry: false })?.isFile()) continue;
        const bytes = readFileSync(full);
        for (const place of folders) assert.equal(bytes.includes(place), false, `${path} names ${place}`);
        // https://peps.python.org/pep-0552/: valid by itself, whatever the time of the source
        if (path.endsWith(".pyc")) assert.equal(bytes.readUInt32LE(4), 1, `${path} goes by its source's time`);
      }
      const { stdout } = await attempt(["find", folder, "-mindepth", "1", "-newermt", "1970-01-02"]);
      assert.equal(stdout, "");
    }
  });

  it("runs as a user other than root, by number, wherever nothing else is said", () =>
    assert.match(image.user, /^[1-9]\d*(:\d+)?$/));

  it("brings its dependencies compiled, so that no start has to compile them", () => {
    const found = (pattern: string) =>
      image.layers.flatMap(({ folder }) => globSync(`venv/lib/**/${pattern}`, { cwd: folder }));
    const sources = found("*.py");
    assert.ok(sources.length > 500, `only ${sources.length} modules`);
    assert.equal(found("__pycache__/*.pyc").length, sources.length);
  });

  it("that is not reproducible is told with the layer, the instruction that made it and the files", async () => {
    const checkout = emptyFolder();
    mkdirSync(join(checkout, "app"));
    const lines = ["FROM python:3.13-slim", "RUN echo same > /same", "RUN cat /proc/sys/kernel/random/uuid > /id"];
    writeFileSync(join(checkout, "app/Dockerfile"), lines.join("\n"));
    await assert.rejects(
      assertSame(await build(checkout, "one"), await build(checkout, "one")),
      /^AssertionError.*: layer \d+ is sha256:.* and sha256:.*\n {2}made by: RUN .*random\/uuid > \/id.*\nFiles .*\/id and .*\/id differ\n$/,
    );
  });
});
