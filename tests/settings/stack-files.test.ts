import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackFiles } from "../../settings/stack-files.ts";

describe("stackFiles", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "slipway-stacks-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (stack: string, release: string) =>
    writeFileSync(join(folder, `Pulumi.${stack}.yaml`), `config:\n  slipway:release: ${release}\n`);
  const stacks = () => stackFiles(folder).map(({ stack }) => stack);

  it("orders the stacks as a release passes through them", () => {
    write("prod", "{ name: v1.1, promoteFrom: staging }");
    write("qa", "{ name: v1.1, promoteFrom: test }");
    write("staging", "{ name: v1.1, promoteFrom: qa }");
    write("test", "{ name: v1.1, build: { context: app } }");
    write("dev", "{ build: { context: app } }");
    writeFileSync(join(folder, "Pulumi.yaml"), "name: shop\n");
    assert.deepEqual(stacks(), ["dev", "test", "qa", "staging", "prod"]);
  });

  it("returns stacks that promote from each other, instead of searching forever", () => {
    write("a", "{ promoteFrom: b }");
    write("b", "{ promoteFrom: a }");
    assert.deepEqual(stacks(), ["a", "b"]);
  });
});
