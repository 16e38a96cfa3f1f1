import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSettings } from "../../settings/load.ts";
import { formatProblems } from "../../settings/problems.ts";
import { respelled } from "../../settings/spelling.ts";
import { configured, encrypted } from "./sample-settings.ts";

describe("The spelling of a value in a stack file", () => {
  const folder = mkdtempSync(join(tmpdir(), "spelling-"));
  const file = join(folder, "Pulumi.dev.yaml");
  after(() => rmSync(folder, { recursive: true }));

  /** Values of the engine, and the same values as the stack file has them. */
  const spellings: readonly [written: string, engine: unknown, respelled: boolean][] = [
    ["8", 8, false],
    ["-8", -8, false],
    ["0", 0, false],
    ["0777", 511, true],
    ["0o17", 15, true],
    ["0x1F", 31, true],
    ["1e3", 1000, true],
    ["1.0", 1, true],
    ["1.10", 1.1, true],
    ["1.1", 1.1, false],
    ["False", false, true],
    ["TRUE", true, true],
    ["true", true, false],
    ["+5", 5, true],
    ["1_000", 1000, true],
    ["2026-01-31", "2026-01-31 00:00:00 +0000 UTC", true],
    ['"0777"', "0777", false],
    ['"2026-01-31 00:00:00 +0000 UTC"', "2026-01-31 00:00:00 +0000 UTC", false],
    ["info", "info", false],
  ];
  for (const [written, engine, expected] of spellings)
    it(`is ${expected ? "another" : "the same"} for ${written}, which is ${JSON.stringify(engine)}`, () => {
      writeFileSync(file, `config:\n  slipway:web:\n    environment: { MODE: ${written} }\n`);
      const found = respelled({ web: { environment: { MODE: engine } } }, file);
      const path = ["web", "environment", "MODE"];
      assert.deepEqual(found, expected ? [{ path, value: engine, text: written }] : []);
    });

  it("is checked in build arguments, annotations and all environments, and nowhere else", () => {
    const values = (value: string) => `
config:
  slipway:release: { build: { args: { A: ${value} } } }
  slipway:web: { port: ${value}, ingressAnnotations: { B: ${value} } }
  slipway:accessories: { cache: { environment: { C: ${value} } } }
`;
    writeFileSync(file, values("1e3"));
    const settings = {
      release: { build: { args: { A: 1000 } } },
      web: { port: 1000, ingressAnnotations: { B: 1000 } },
      accessories: { cache: { environment: { C: 1000 } } },
    };
    const paths = respelled(settings, file).map(({ path }) => path.join("."));
    assert.deepEqual(paths, ["release.build.args.A", "web.ingressAnnotations.B", "accessories.cache.environment.C"]);
    writeFileSync(file, values("1000"));
    assert.deepEqual(respelled(settings, file), []);
  });

  it("is not judged by a file with another value, or without a file", () => {
    writeFileSync(file, "config:\n  slipway:web:\n    environment: { MODE: 0777 }\n");
    assert.deepEqual(respelled({ web: { environment: { MODE: 512 } } }, file), []);
    assert.deepEqual(respelled({ web: { environment: { MODE: 511 } } }, join(folder, "none.yaml")), []);
  });

  it("is refused once, with the text to write", () => {
    writeFileSync(file, "config:\n  slipway:web:\n    environment: { MODE: 0777, DEBUG: False }\n");
    const config = configured("web.environment", { MODE: 511, DEBUG: false });
    const { settings, problems } = checkSettings(config, encrypted, file);
    assert.equal(settings, undefined);
    assert.equal(
      formatProblems("dev", problems).split("\n").slice(2).join("\n"),
      `  slipway:web.environment.MODE is 511; allowed: text in quotes, as in "0777", which YAML otherwise reads as 511
    write it in quotes in Pulumi.dev.yaml: "0777"
  slipway:web.environment.DEBUG is false; allowed: text in quotes, as in "False", which YAML otherwise reads as false
    write it in quotes in Pulumi.dev.yaml: "False"
`,
    );
  });
});
