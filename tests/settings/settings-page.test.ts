import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { allSettings } from "../../settings/all-settings.ts";
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
      const missing = settings.filter(({ node, example }) => example === undefined && !node.properties);
      assert.deepEqual(
        missing.map(({ path }) => path).filter((path) => !path.startsWith("slipway:web.replicas.")),
        [],
      );
      // biome-ignore lint/suspicious/noExplicitAny: settings of any shape
      const merged: Record<string, any> = {};
      for (const [key, value] of Object.entries(good)) merged[`slipway:${key}`] = value;
      for (const [key, value] of Object.entries(example.toJS().config))
        merged[key] = typeof value === "object" ? { ...merged[key], ...value } : value;
      if (merged["slipway:release"].promoteFrom) merged["slipway:release"].build = undefined;
      if (merged["slipway:cluster"].eks) merged["slipway:cluster"].context = undefined;
      const values = Object.entries(merged).map(([key, value]) => [key, asText(value)]);
      const secrets = ["slipway:databasePassword", "slipway:secrets", "slipway:buildSecrets"];
      assert.deepEqual(checkSettings(Object.fromEntries(values), secrets).problems, []);
    });
});

const asText = (value: unknown): string => {
  const text = JSON.stringify(value, (_, part) => (part?.secure ? "decrypted" : part));
  return text.startsWith('"') ? JSON.parse(text) : text;
};
