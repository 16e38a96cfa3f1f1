import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { previewName, withName } from "../../../commands/delivery/next-release.ts";
import { readSource } from "../../../image/source.ts";
import type { StackFile } from "../../../settings/stack-files.ts";
import { SimulatedPrograms } from "./simulated-programs.ts";

describe("The release name in the preview of a stack that builds", () => {
  let programs: SimulatedPrograms;
  let file: StackFile;
  beforeEach(() => {
    programs = new SimulatedPrograms();
    mkdirSync(join(programs.folder, "app"));
    programs.file("app/Dockerfile", "FROM scratch\n");
    const release = {
      repository: "localhost:5000/shop",
      name: "v1.1",
      build: { context: join(programs.folder, "app") },
    };
    file = { stack: "test", path: programs.file("Pulumi.test.yaml", text), text, config: configOf(release) };
  });
  afterEach(() => programs.remove());

  const text = "config:\n  slipway:release:\n    name: v1.1 # here\n";
  const configOf = (release: object) => ({
    "slipway:cluster": { context: "test" },
    "slipway:namespace": "shop",
    "slipway:release": release,
    "slipway:web": { port: 8000, probes: { live: "/live", ready: "/ready" } },
  });
  const digest = `sha256:${"d".repeat(64)}`;
  const verified = (key: string) => ({
    "v1.9": { digest, commit: "unknown", key: "0".repeat(32) },
    "v1.10": { digest, commit: "unknown", key },
  });
  const key = async () => (await readSource(file.config["slipway:release"].build)).content.key;

  it("is the newest release's if the source is the same, else the next number", async () => {
    assert.equal(await previewName(file, verified(await key())), "v1.10");
    const before = await key();
    programs.file("app/changed", "");
    assert.equal(await previewName(file, verified(before)), "v1.11");
  });

  it("is the stack file's own if nothing is verified yet, or the stack releases nothing", async () => {
    const { name: _, ...unnamed } = file.config["slipway:release"];
    assert.equal(await previewName(file, {}), undefined);
    assert.equal(await previewName({ ...file, config: configOf(unnamed) }, verified("")), undefined);
    const promoting = { repository: "localhost:5000/shop", name: "v1.1", promoteFrom: "test" };
    assert.equal(await previewName({ ...file, config: configOf(promoting) }, verified("")), undefined);
    const wrong = { ...file.config, "slipway:web": {} };
    assert.equal(await previewName({ ...file, config: wrong }, verified("")), undefined);
  });

  it("is in the stack file only during the preview, also if that fails", async () => {
    const now = () => readFileSync(file.path, "utf8");
    assert.equal(await withName(file, "v1.11", async () => now()), text.replace("v1.1", "v1.11"));
    assert.equal(now(), text);
    const failing = withName(file, "v1.11", () => Promise.reject(new Error("out of reach")));
    await assert.rejects(failing, /out of reach/);
    assert.equal(now(), text);
    assert.equal(await withName(file, undefined, async () => now()), text);
  });
});
