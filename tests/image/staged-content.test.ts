import assert from "node:assert/strict";
import { hash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
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
    assert.deepEqual(readdirSync(folder), []);
  });

  it("refuses a file that is gone after the key was computed, in one sentence", () => {
    const context = checkout(source);
    const folder = emptyFolder();
    const content = readContent({ context });
    rmSync(join(context, "a.py"));
    assert.throws(
      () => stageContent(content, folder),
      /^Error: .*a\.py is gone since its folder was listed, .* run it again/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("has files of every size, byte by byte", () => {
    const piece = 1024 * 1024;
    const context = checkout(source);
    const sizes = [0, 1, piece - 1, piece, piece + 1, 3 * piece + 5];
    const contents = sizes.map((size) => Buffer.alloc(size, `${size}: 0123456789`));
    for (const [index, bytes] of contents.entries()) writeFileSync(join(context, `size-${index}`), bytes);
    const content = readContent({ context });
    const staged = stageContent(content, emptyFolder());
    for (const [index, bytes] of contents.entries()) {
      const { content: recorded } = content.files.find(({ path }) => path === `size-${index}`) ?? {};
      assert.equal(recorded, hash("sha256", bytes));
      assert.ok(readFileSync(join(staged.context, `size-${index}`)).equals(bytes));
    }
  });

  it("may be on another file system than the context", () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-staged-")); // the context is in memory
    try {
      const staged = stageContent(readContent({ context: checkout(source) }), folder);
      assert.deepEqual(readdirSync(staged.context), ["Dockerfile", "a.py", "z.py"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
