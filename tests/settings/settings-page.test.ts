import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { allSettings, entryOf, type SchemaNode } from "../../settings/all-settings.ts";
import { checkSettings } from "../../settings/load.ts";
import { sectionsOfPage, settingsPage, settingsPageFile } from "../../settings/settings-page.ts";
import { good } from "./sample-settings.ts";

describe("docs/settings.md", () => {
  it("is current; npm run schema writes it", () => {
    assert.equal(readFileSync(settingsPageFile, "utf8"), settingsPage());
  });

  it("has every setting once, with a description and what is allowed", () => {
    const listed = sectionsOfPage().flatMap(({ settings }) => settings);
    const paths = (settings: { path: string }[]) => settings.map(({ path }) => path).sort();
    assert.deepEqual(paths(listed), paths(allSettings()));
    const incomplete = listed.filter(({ node }) => !node.description || !node.allowed);
    assert.deepEqual(paths(incomplete), []);
  });

  for (const { title, settings, example } of sectionsOfPage())
    it(`has an example that is accepted: ${title}`, () => {
      const isGroup = (node: SchemaNode) => (node.properties ?? entryOf(node)?.properties) !== undefined;
      // The example of a mapping with names of the user's choice shows some of its settings.
      const isShown = (path: string) =>
        settings.some((each) => each.example !== undefined && path.startsWith(`${each.path}.`));
      const missing = settings.filter(
        ({ node, example, path }) => example === undefined && !isGroup(node) && !isShown(path),
      );
      // A part of a setting that has an example as a whole.
      const isPart = (path: string) => settings.some((each) => each.example && path.startsWith(`${each.path}.`));
      assert.deepEqual(
        missing.map(({ path }) => path).filter((path) => !isPart(path)),
        [],
      );
      // biome-ignore lint/suspicious/noExplicitAny: settings of any shape
      const merged: Record<string, any> = {};
      for (const [key, value] of Object.entries(good)) merged[`slipway:${key}`] = value;
      for (const [key, value] of Object.entries(example.toJS().config))
        merged[key] = typeof value === "object" ? { ...merged[key], ...value } : value;
      if (merged["slipway:release"].promoteFrom) merged["slipway:release"].build = undefined;
      if (merged["slipway:cluster"].eks) merged["slipway:cluster"].context = undefined;
      const { external } = merged["slipway:database"];
      if (external) merged["slipway:database"] = { external };
      const values = Object.entries(merged).map(([key, value]) => [key, asText(value)]);
      const secrets = ["databasePassword", "secrets", "buildSecrets", "accessorySecrets", "pullSecret"].map(
        (key) => `slipway:${key}`,
      );
      assert.deepEqual(checkSettings(Object.fromEntries(values), secrets).problems, []);
    });
});

const asText = (value: unknown): string => {
  const text = JSON.stringify(value, (_, part) => (part?.secure ? "decrypted" : part));
  return text.startsWith('"') ? JSON.parse(text) : text;
};
