import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type ContentArgs, readContent, stageContent } from "../../components/content-key.ts";

const folders: string[] = [];

/** A build context in a folder of its own. */
function context(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-context-"));
  folders.push(folder);
  for (const [path, text] of Object.entries({ Dockerfile: "FROM scratch\nCOPY . /\n", ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const read = (folder: string, args: Partial<ContentArgs> = {}) => readContent({ context: folder, ...args });
const source = { "main.py": "print('hello')\n", "lib/a.py": "a = 1\n" };

describe("Content key", () => {
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  it("is the same in another checkout with another umask, other times and another order of creation", () => {
    const one = context(source);
    const other = context(Object.fromEntries(Object.entries(source).reverse()));
    chmodSync(join(other, "main.py"), 0o600);
    chmodSync(join(other, "Dockerfile"), 0o600);
    utimesSync(join(other, "lib/a.py"), 0, 0);
    mkdirSync(join(other, "empty"));
    assert.equal(read(one).key, read(other).key);
    assert.match(read(one).key, /^[0-9a-f]{32}$/);
  });

  it("changes with a byte, a name, an executable bit, a link, the Dockerfile, an argument, a target and a platform", () => {
    const executable = context(source);
    chmodSync(join(executable, "main.py"), 0o755);
    const linked = context(source);
    symlinkSync("main.py", join(linked, "link.py"));
    const linkedElsewhere = context(source);
    symlinkSync("lib/a.py", join(linkedElsewhere, "link.py"));
    const folder = context(source);
    const keys = [
      read(folder).key,
      read(context({ ...source, "main.py": "print('hullo')\n" })).key,
      read(context({ "main2.py": source["main.py"], "lib/a.py": source["lib/a.py"] })).key,
      read(context({ ...source, Dockerfile: "FROM scratch\n" })).key,
      read(executable).key,
      read(linked).key,
      read(linkedElsewhere).key,
      read(folder, { args: { DEBUG: "1" } }).key,
      read(folder, { target: "build" }).key,
      read(folder, { platforms: ["linux/arm64"] }).key,
      read(folder, { labels: { title: "1" } }).key,
    ];
    assert.equal(new Set(keys).size, keys.length);
  });

  it("does not depend on the order of arguments, labels and platforms", () => {
    const folder = context(source);
    const ab = { A: "1", B: "2" };
    const ba = { B: "2", A: "1" };
    assert.equal(
      read(folder, { args: ab, labels: ab, platforms: ["linux/amd64", "linux/arm64"] }).key,
      read(folder, { args: ba, labels: ba, platforms: ["linux/arm64", "linux/amd64"] }).key,
    );
  });

  it("leaves out what .dockerignore names, and takes back what it excepts", () => {
    const ignore = { ".dockerignore": "*\n!main.py\n!lib\nlib/**/*.tmp\n" };
    const folder = context({ ...source, ...ignore, "secret.txt": "x", "lib/b.tmp": "x", "lib/deep/c.tmp": "x" });
    assert.deepEqual(
      read(folder).files.map(({ path }) => path),
      ["lib/a.py", "main.py"],
    );
    assert.equal(read(folder).key, read(context({ ...source, ...ignore, "other.txt": "y" })).key);
  });

  it("takes back a file of a folder that is left out", () => {
    const folder = context({ ...source, ".dockerignore": "*\n!lib/a.py\n", "lib/b.py": "b = 2\n" });
    assert.deepEqual(
      read(folder).files.map(({ path }) => path),
      ["lib/a.py"],
    );
  });

  it("prefers the Dockerfile's own ignore file", () => {
    const folder = context({
      ...source,
      ".dockerignore": "main.py\n",
      "Dockerfile.dockerignore": "lib\n*ockerfile*\n.dockerignore\n",
    });
    assert.deepEqual(
      read(folder).files.map(({ path }) => path),
      ["main.py"],
    );
  });

  it("says which Dockerfile is missing", () => {
    assert.throws(() => read(context({}), { dockerfile: "build/Dockerfile" }), /build\/Dockerfile does not exist/);
  });
});

describe("Staged content", () => {
  it("has the same modes whatever the checkout's, and the Dockerfile outside the context", () => {
    const folder = context({ ...source, ".dockerignore": "Dockerfile\n", "run.sh": "true\n" });
    chmodSync(join(folder, "main.py"), 0o600);
    chmodSync(join(folder, "run.sh"), 0o700);
    symlinkSync("main.py", join(folder, "link.py"));
    const umask = process.umask(0o077);
    const staged = stageContent(read(folder), join(folder, "staged"));
    assert.equal(process.umask(umask), 0o077);
    assert.equal(statSync(join(staged.context, "lib")).mode & 0o777, 0o755);
    assert.deepEqual(readdirSync(staged.context).sort(), [".dockerignore", "lib", "link.py", "main.py", "run.sh"]);
    assert.equal(statSync(join(staged.context, "main.py")).mode & 0o777, 0o644);
    assert.equal(statSync(join(staged.context, "run.sh")).mode & 0o777, 0o755);
    assert.equal(readFileSync(staged.dockerfile, "utf8"), readFileSync(join(folder, "Dockerfile"), "utf8"));
    // An empty one of its own: the patterns are applied already, and must not be applied to the copy again.
    assert.equal(readFileSync(`${staged.dockerfile}.dockerignore`, "utf8"), "");
  });

  it("is used again, and leaves nothing unfinished behind", () => {
    const folder = context({ ...source, ".dockerignore": "staged\n" });
    const content = read(folder);
    const staged = stageContent(content, join(folder, "staged"));
    writeFileSync(join(staged.context, "marker"), "");
    assert.deepEqual(stageContent(content, join(folder, "staged")), staged);
    assert.ok(existsSync(join(staged.context, "marker")));
    assert.deepEqual(readdirSync(join(folder, "staged")), [content.key]);
  });
});
