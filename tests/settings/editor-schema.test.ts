import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { editorSchema, editorSchemaFile } from "../../settings/editor-schema.ts";
import { checkSettings } from "../../settings/load.ts";
import { stackFiles } from "../../settings/stack-files.ts";

describe("Pulumi.schema.json", () => {
  it("is current; npm run schema writes it", () => {
    assert.deepEqual(JSON.parse(readFileSync(editorSchemaFile, "utf8")), editorSchema());
  });

  // Zod does not read the Unicode classes of a pattern.
  const withoutClasses = (key: string, value: unknown) =>
    key === "pattern" && String(value).includes("\\p{") ? undefined : value;
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(editorSchemaFile, "utf8"), withoutClasses));
  const errors = (file: unknown) =>
    schema.safeParse(file).error?.issues.map(({ path, code }) => [...path, code].join(" "));

  for (const { stack, config } of stackFiles())
    it(`lets an editor accept the settings of ${stack}, and mark a mistake in them`, () => {
      assert.equal(errors({ config }), undefined);
      const web = { ...config["slipway:web"], port: "http", colour: "blue" };
      assert.deepEqual(errors({ config: { ...config, "slipway:web": web } }), [
        "config slipway:web port invalid_type",
        "config slipway:web unrecognized_keys",
      ]);
    });
});

describe("The stack files", () => {
  for (const { stack, text, config } of stackFiles())
    it(`are right in ${stack}, except for a password that is not set yet`, () => {
      assert.match(text, new RegExp(`^# yaml-language-server: \\$schema=./${editorSchemaFile}\n`));
      const isEncrypted = (key: string) => JSON.stringify(config[key]).includes('"secure":');
      const values = Object.entries(config).map(([key, value]) => [
        key,
        isEncrypted(key) ? "encrypted" : typeof value === "string" ? value : JSON.stringify(value),
      ]);
      const { problems } = checkSettings(Object.fromEntries(values), Object.keys(config).filter(isEncrypted));
      assert.deepEqual(
        problems.map(({ setting }) => setting),
        "slipway:databasePassword" in config ? [] : ["slipway:databasePassword"],
      );
    });
});
