import assert from "node:assert/strict";
import fc from "fast-check";
import { anyTree, checkout, removeFolders, type Tree } from "./checkouts.ts";
import { context, dockerfile, key, read, source, texts, without } from "./contexts.ts";

/** Every way to change what an image is made of, applied to a tree that has at least one file. */
const changes: Record<string, (tree: Tree, path: string) => Tree> = {
  "a byte": (tree, path) => ({ ...tree, [path]: { ...tree[path], text: `${tree[path]?.text}.` } }),
  "a name": (tree, path) => ({ ...without(tree, path), [`${path}2`]: { ...tree[path] } }),
  "an executable bit": (tree, path) => ({
    ...tree,
    [path]: { text: "", ...tree[path], executable: !tree[path]?.executable },
  }),
  "the Dockerfile": (tree) => ({ ...tree, Dockerfile: { text: `${tree.Dockerfile?.text}# more\n` } }),
  "another file": (tree) => ({ ...tree, more: { text: "" } }),
  "a missing file": without,
  "an empty folder": (tree) => ({ ...tree, more: { folder: true } }),
  "a link": (tree) => ({ ...tree, more: { link: "a" } }),
  "a link instead of a file with its target": (tree, path) => ({ ...tree, [path]: { link: tree[path]?.text || "." } }),
};

describe("Content key", () => {
  after(removeFolders);

  it("is the same in another checkout, whatever its umask, modes, timestamps, order, path and ignored files", () => {
    // None in a folder of its own, since an empty folder counts.
    const modes = fc.record({
      umask: fc.constantFrom(0, 0o022, 0o027, 0o077),
      group: fc.boolean(),
      time: fc.nat(2 ** 31),
    });
    fc.assert(
      fc.property(
        anyTree,
        modes,
        fc.array(fc.constantFrom("x.tmp", "d1/x.tmp", "d2/x.tmp")),
        (tree, state, ignored) => {
          const all: Tree = {
            ...tree,
            Dockerfile: { text: dockerfile },
            ".dockerignore": { text: "**/*.tmp\nd2\n!d2/f*\n!d2/é*\n" },
          };
          const reversed = Object.fromEntries(Object.entries(all).reverse());
          const one = read(checkout(all));
          const other = read(
            checkout({ ...texts(Object.fromEntries(ignored.map((path) => [path, "x"]))), ...reversed }, state),
          );
          assert.match(one.key, /^[0-9a-f]{32}$/);
          assert.deepEqual({ ...other, context: one.context }, one);
        },
      ),
      { numRuns: 60 },
    );
  });

  for (const [name, change] of Object.entries(changes)) {
    it(`changes with ${name}`, () => {
      fc.assert(
        fc.property(anyTree, (tree) => {
          const path = Object.keys(tree).find((entry) => tree[entry]?.text !== undefined) ?? "";
          const all: Tree = { ...tree, Dockerfile: { text: dockerfile } };
          assert.notEqual(key(checkout(change(all, path))), key(checkout(all)));
        }),
        { numRuns: 15 },
      );
    });
  }

  it("changes with a link's target, a build argument, its value, a label, the target, the platforms and keepTimes", () => {
    const folder = context();
    const withLink = (target: string) => checkout({ ...source, link: { link: target } });
    const keys = [
      key(folder),
      key(withLink("main.py")),
      key(withLink("lib/a.py")),
      key(folder, { args: { DEBUG: "1" } }),
      key(folder, { args: { DEBUG: "" } }),
      key(folder, { labels: { DEBUG: "1" } }),
      key(folder, { labels: { DEBUG: "" } }),
      key(folder, { target: "build" }),
      key(folder, { target: "" }),
      key(folder, { platforms: ["linux/arm64"] }),
      key(folder, { platforms: ["linux/amd64", "linux/arm64"] }),
      key(folder, { keepTimes: true }),
    ];
    assert.equal(new Set(keys).size, keys.length);
  });

  it("does not depend on the order of arguments, labels and platforms", () => {
    const ab = { A: "1", B: "2" };
    const ba = { B: "2", A: "1" };
    assert.equal(
      key(context(), { args: ab, labels: ab, platforms: ["linux/amd64", "linux/arm64"] }),
      key(context(), { args: ba, labels: ba, platforms: ["linux/arm64", "linux/amd64"] }),
    );
  });

  describe("of only the migrations", () => {
    const migrations = ["alembic.ini", "migrations"];
    const all = { "alembic.ini": "[alembic]", "migrations/1.py": "one", "migrations/versions/2.py": "two" };
    const part = (files: Record<string, string> = {}, of = migrations) =>
      read(context({ ...all, ...files }), { migrations: of }).migrations;

    it("is undefined if their files are not known", () => {
      assert.equal(read(context(all)).migrations, undefined);
    });

    it("stays the same if anything else changes, and changes no image", () => {
      assert.match(part() ?? "", /^[0-9a-f]{32}$/);
      for (const path of ["main.py", "Dockerfile", "more.py", "migrations2/1.py", "lib/migrations/1.py"])
        assert.equal(part({ [path]: "FROM scratch\n# other\n" }), part(), path);
      assert.equal(key(context(all), { migrations }), key(context(all)));
    });

    it("changes with a byte, a file, a name, and the list of paths", () => {
      const parts = [
        part(),
        part({ "alembic.ini": "[other]" }),
        part({ "migrations/versions/2.py": "three" }),
        part({ "migrations/versions/3.py": "" }),
        part({ ".dockerignore": "migrations/1.py\n" }),
        part({}, ["migrations"]),
      ];
      assert.equal(new Set(parts).size, parts.length);
    });

    it("refuses a path that is not in the image, because it is missing or ignored", () => {
      const refusal =
        /slipway:release\.build\.migrations has migrations, but nothing of that name goes into the image; name files/;
      assert.throws(() => read(context(), { migrations: ["migrations"] }), refusal);
      assert.throws(() => part({ ".dockerignore": "migrations\n" }), refusal);
    });
  });

  it("refuses a Dockerfile that is missing, not a file, or outside the context", () => {
    const refused = (path: string, message: RegExp) =>
      assert.throws(() => read(context(), { dockerfile: path }), message);
    refused(
      "build/Dockerfile",
      /build\/Dockerfile does not exist; slipway:release\.build\.dockerfile is build\/Dockerfile/,
    );
    refused("lib", /lib is not a file/);
    refused("../Dockerfile", /outside the context .*docker\/Dockerfile/);
    refused("lib/../../Dockerfile", /outside the context/);
    refused("/etc/passwd", /outside the context/);
    assert.ok(key(context({ "..Dockerfile": dockerfile }), { dockerfile: "..Dockerfile" }));
  });
});
