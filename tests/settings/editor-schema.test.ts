import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { editorSchema, editorSchemaFile } from "../../settings/editor-schema.ts";
import { checkSettings } from "../../settings/load.ts";

const stackFiles = readdirSync(".").filter((name) => /^Pulumi\.[a-z0-9-]+\.yaml$/.test(name));

describe("Editor schema", () => {
  it("is the committed file; `npm run schema` writes it", () => {
    assert.deepEqual(JSON.parse(readFileSync(editorSchemaFile, "utf8")), editorSchema());
  });

  it("describes every setting", () => {
    const bare: string[] = [];
    const visit = (path: string, node: { properties?: Record<string, never>; description?: string }) => {
      for (const [key, child] of Object.entries(node.properties ?? {})) visit(`${path}.${key}`, child);
      if (path.includes("slipway:") && !node.description && !/\.(secure|min|max)$/.test(path)) bare.push(path);
    };
    visit("", editorSchema());
    assert.deepEqual(bare, []);
  });
});

describe("An editor", () => {
  // Whoever reads patterns here knows no classes of Unicode's.
  const known = (key: string, value: unknown) =>
    key === "pattern" && String(value).includes("\\p{") ? undefined : value;
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(editorSchemaFile, "utf8"), known));
  const found = (file: unknown) =>
    schema.safeParse(file).error?.issues.map(({ path, code }) => [...path, code].join(" "));

  for (const name of stackFiles)
    it(`finds nothing wrong with ${name}, and what is wrong in it`, () => {
      const file = parse(readFileSync(name, "utf8"));
      assert.equal(found(file), undefined);
      Object.assign(file.config["slipway:web"], { port: "http", colour: "blue" });
      assert.deepEqual(found(file), ["config slipway:web port invalid_type", "config slipway:web unrecognized_keys"]);
    });
});

describe("Stack files", () => {
  for (const name of stackFiles) {
    const text = readFileSync(name, "utf8");

    it(`${name} names the schema and passes it`, () => {
      assert.match(text, new RegExp(`^# yaml-language-server: \\$schema=./${editorSchemaFile}\n`));
      const config: Record<string, unknown> = parse(text).config;
      const decrypted = Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value, (_, part) => (part?.secure ? "encrypted" : part)),
      ]);
      const values = Object.fromEntries(
        decrypted.map(([key, value]) => [key, value === '"encrypted"' ? "encrypted" : value]),
      );
      // A password that is not there yet is for the team to set; nothing else may be missing.
      const missing = "slipway:databasePassword" in config ? [] : ["slipway:databasePassword"];
      const encrypted = Object.keys(config).filter((key) => JSON.stringify(config[key]).includes('"secure":'));
      const { problems } = checkSettings(values, encrypted);
      assert.deepEqual(
        problems.map(({ setting }) => setting),
        missing,
      );
    });
  }
});
