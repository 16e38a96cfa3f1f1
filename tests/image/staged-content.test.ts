import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { readContent, stageContent } from "../../image/content-key.ts";
import { anyTree, below, checkout, emptyFolder, removeFolders, type Tree } from "./checkouts.ts";

const source: Tree = { Dockerfile: { text: "FROM scratch\n" }, "a.py": { text: "a" }, "z.py": { text: "z" } };

/** All that a build could see of a folder, except for timestamps. */
function seen(root: string): unknown[] {
  return below(root).map((path) => {
    const status = lstatSync(join(root, path));
    if (status.isSymbolicLink()) return [path, readlinkSync(join(root, path))];
    return [path, (status.mode & 0o7777).toString(8), status.isFile() ? readFileSync(join(root, path), "utf8") : ""];
  });
}

describe("Staged content", () => {
  after(removeFolders);

  it("is the same from every checkout, whatever its modes and umask", () => {
    fc.assert(
      fc.property(anyTree, fc.constantFrom(0, 0o027, 0o077), fc.boolean(), (tree, umask, group) => {
        const all: Tree = { ...tree, void: { folder: true }, Dockerfile: { text: "FROM scratch\n" } };
        const stage = (folder: string) =>
          seen(join(stageContent(readContent({ context: folder }), emptyFolder()).context, ".."));
        const one = stage(checkout(all));
        const other = checkout(all, { umask, group });
        const before = process.umask(umask);
        assert.deepEqual(stage(other), one);
        assert.equal(process.umask(before), umask);
      }),
      { numRuns: 40 },
    );
  });

  it("has normal modes, empty folders, and the Dockerfile outside the context with an ignore file of its own", () => {
    const tree: Tree = {
      Dockerfile: { text: "FROM scratch\n", mode: 0o600 },
      ".dockerignore": { text: "Dockerfile\n.dockerignore\nlib/*\n" },
      "bin/run": { text: "true", mode: 0o700 },
      "lib/a.py": { text: "a" },
      "main.py": { text: "main", mode: 0o600 },
    };
    const staged = stageContent(readContent({ context: checkout(tree) }), emptyFolder());
    assert.deepEqual(seen(join(staged.context, "..")), [
      ["Dockerfile", "644", "FROM scratch\n"],
      ["Dockerfile.dockerignore", "644", ""],
      ["context", "755", ""],
      ["context/bin", "755", ""],
      ["context/bin/run", "755", "true"],
      ["context/lib", "755", ""],
      ["context/main.py", "644", "main"],
    ]);
    assert.equal(staged.dockerfile, join(staged.context, "../Dockerfile"));
  });

  it("is reused, and leaves nothing unfinished", () => {
    const content = readContent({ context: checkout(source) });
    const folder = emptyFolder();
    const staged = stageContent(content, folder);
    writeFileSync(join(staged.context, "marker"), "");
    assert.deepEqual(stageContent(content, folder), staged);
    assert.ok(existsSync(join(staged.context, "marker")));
    assert.deepEqual(readdirSync(folder), [content.key]);
  });

  it("removes old unfinished copies, but none that may still be written", () => {
    const folder = emptyFolder();
    for (const name of ["unfinished-old", "unfinished-new", "other"])
      mkdirSync(join(folder, name, "context"), { recursive: true });
    for (const name of ["unfinished-old", "other"]) utimesSync(join(folder, name), 0, 0);
    const { key } = readContent({ context: checkout(source) });
    stageContent(readContent({ context: checkout(source) }), folder);
    assert.deepEqual(readdirSync(folder).sort(), [key, "other", "unfinished-new"].sort());
  });

  it("refuses a file that changed after the key was computed", () => {
    const context = checkout(source);
    const folder = emptyFolder();
    const content = readContent({ context });
    writeFileSync(join(context, "a.py"), "b");
    assert.throws(() => stageContent(content, folder), /a\.py was changed while the build was prepared; run it again/);
    assert.equal(existsSync(join(folder, content.key)), false);
  });
});
