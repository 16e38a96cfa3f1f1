import assert from "node:assert/strict";
import type { Preview } from "../../../commands/preview/preview.ts";
import { readPreview } from "../../../commands/preview/read-preview.ts";
import { asMarkdown } from "../../../commands/review/markdown.ts";
import { reviewOf } from "../../../commands/review/review.ts";
import { noLog, recorded } from "./recorded.ts";
import { preview, step, text } from "./steps.ts";

const order = ["dev", "test", "prod"];
const review = (...previews: Preview[]) => reviewOf(previews, order, noLog);

/** Returns each section as its environments, its changes and the number of its diffs. */
const sections = async (...previews: Preview[]) =>
  (await review(...previews)).sections.map(
    ({ environments, changes, diffs }) =>
      `${environments}: ${changes.map(({ sentence }) => text(sentence))}; ${diffs.length}`,
  );

const update = (name: string, from: unknown = 1, to: unknown = 2) =>
  step("ConfigMap", { name, before: { a: from }, after: { a: to } });

describe("The sections of a review", () => {
  it("have a change once for all environments that have it, shared ones first", async () => {
    const changes = (environment: string, ...names: string[]) =>
      preview(environment, ...names.map((name) => update(name)));
    assert.deepEqual(
      await sections(changes("test", "both", "testing"), changes("dev", "both", "one"), changes("a", "other")),
      [
        "dev,test: ConfigMap both changes: a 1 → 2; 1",
        "dev: ConfigMap one changes: a 1 → 2; 1",
        "test: ConfigMap testing changes: a 1 → 2; 1",
        "a: ConfigMap other changes: a 1 → 2; 1",
      ],
    );
  });

  it("separate diffs that differ beyond what a sentence shows", async () => {
    const long = "x".repeat(90);
    const ending = (environment: string, end: string) =>
      preview(environment, update("it", `${long}0`, `${long}${end}`));
    const all = await sections(ending("dev", "1"), ending("test", "2"), ending("prod", "1"));
    const shown = `${"x".repeat(60)}… (31 more)`;
    assert.deepEqual(all, [
      `dev,test,prod: ConfigMap it changes: a ${shown} → ${shown}; 0`,
      "dev,prod: ; 1",
      "test: ; 1",
    ]);
  });

  it("are sorted by their worst change, then by environment", async () => {
    const all = await review(
      recorded("port", "test"),
      recorded("replicas", "dev"),
      recorded("plain-class", "prod"),
      recorded("variable", "qa"),
    );
    assert.equal(all.sections.map(({ environments }) => environments).join(), "prod,test,qa,dev");
  });

  it("have no diff of an update without changed fields", async () => {
    const unchanged = step("ConfigMap", { before: {}, after: {} });
    assert.deepEqual(await sections(preview("qa", unchanged)), ["qa: ConfigMap it changes; 0"]);
  });

  it("do not include components", async () => {
    const component = step("WebApp", { before: { a: 1 }, after: { a: 2 } });
    const [before, after] = [component.before, component.after].map((state) => state && { ...state, custom: false });
    assert.deepEqual(await sections(preview("qa", { ...component, before, after })), []);
  });
});

describe("A review", () => {
  it("does not depend on the order of files and steps", async () => {
    const steps = ["a", "b", "c"].map((parent) => ({
      op: "update",
      urn: `urn:pulumi:qa::slipway::parent:${parent}$kubernetes:core/v1:ConfigMap::same`,
      oldState: { inputs: { data: "1" } },
      newState: { inputs: { data: parent } },
    }));
    const read = (all: object[]) => readPreview(JSON.stringify({ steps: all }), "qa");
    assert.deepEqual(await review(read(steps.toReversed())), await review(read(steps)));
    const names = ["port", "password", "plain-namespace", "unchanged", "create"];
    const previews = names.map((name) => recorded(name, name));
    const backwards = previews.toReversed().map((each) => ({ ...each, steps: each.steps.toReversed() }));
    assert.equal(asMarkdown(await review(...backwards)), asMarkdown(await review(...previews)));
  });

  it("sorts environments as they are promoted, others after them by name", async () => {
    const previews = ["b", "prod", "a", "dev", "test"].map((name) => recorded("unchanged", name));
    assert.deepEqual((await review(...previews)).environments, ["dev", "test", "prod", "a", "b"]);
  });
});
