import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs, { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { type ContentArgs, readContent } from "../../image/content-key.ts";
import { anyTree, checkout, emptyFolder, removeFolders, type Tree } from "./checkouts.ts";

const dockerfile = "FROM scratch\nCOPY . /\n";
const source: Tree = {
  Dockerfile: { text: dockerfile },
  "main.py": { text: "print()\n" },
  "lib/a.py": { text: "a = 1\n" },
};
const texts = (files: Record<string, string>): Tree =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path, { text }]));
const context = (files: Record<string, string> = {}) => checkout({ ...source, ...texts(files) });
const read = (folder: string, args: Partial<ContentArgs> = {}) => readContent({ context: folder, ...args });
const key = (folder: string, args: Partial<ContentArgs> = {}) => read(folder, args).key;
const paths = (folder: string) => read(folder).files.map(({ path }) => path);

const without = (tree: Tree, path: string): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([name]) => name !== path));

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

  it("leaves out what .dockerignore names, except for its exceptions", () => {
    const ignore = { ".dockerignore": "*\n!main.py\n!lib\nlib/**/*.tmp\n" };
    assert.deepEqual(paths(context({ ...ignore, "secret.txt": "x", "lib/b.tmp": "x" })), ["lib/a.py", "main.py"]);
    assert.deepEqual(paths(context({ ".dockerignore": "*\n!lib/a.py\n", "lib/b.py": "x" })), ["lib/a.py"]);
    assert.equal(key(context(ignore)), key(context({ ...ignore, "other.txt": "y" })));
  });

  it("uses the Dockerfile's own ignore file if there is one", () => {
    const own = "lib\n*ockerfile*\n.dockerignore\n";
    assert.deepEqual(paths(context({ ".dockerignore": "main.py\n", "Dockerfile.dockerignore": own })), ["main.py"]);
  });

  it("counts a folder that becomes empty, not one that is ignored", () => {
    const tree: Tree = {
      ...source,
      empty: { folder: true },
      void: { folder: true },
      ".dockerignore": { text: "void\nlib/*\n" },
    };
    assert.deepEqual(
      read(checkout(tree)).files.filter(({ kind }) => kind === "folder"),
      [
        { path: "empty", kind: "folder", content: "" },
        { path: "lib", kind: "folder", content: "" },
      ],
    );
  });

  it("counts both names of one file, and follows links only to the context", () => {
    const folder = context();
    linkSync(join(folder, "main.py"), join(folder, "twin.py"));
    symlinkSync("lib", join(folder, "linked"));
    assert.deepEqual(paths(folder), ["Dockerfile", "lib/a.py", "linked", "main.py", "twin.py"]);
    const link = join(emptyFolder(), "link");
    symlinkSync(folder, link);
    assert.equal(key(link), key(folder));
  });

  it("does not count builds that are staged inside the context", () => {
    assert.equal(key(context({ ".slipway/builds/x/context/main.py": "x", "lib/.slipway/y": "y" })), key(context()));
  });

  describe("of a git checkout", () => {
    const clone = (files: Record<string, string> = {}) =>
      context({ ".git/HEAD": "ref: refs/heads/main\n", ".git/index": String(Math.random()), ...files });

    it("does not count .git, a worktree's and a submodule's .git included", () => {
      assert.equal(key(clone()), key(context()));
      assert.equal(key(context({ ".git": "gitdir: /home/ann/repository/.git/worktrees/one\n" })), key(context()));
      assert.equal(key(context({ "lib/.git": "gitdir: ../.git/modules/lib\n" })), key(context()));
      assert.deepEqual(paths(clone({ ".gitignore": "x", ".github/ci.yml": "x", "lib/git": "x" })), [
        ...[".github/ci.yml", ".gitignore", "Dockerfile", "lib/a.py", "lib/git", "main.py"],
      ]);
    });

    it("does not enter .git, in which other programs create and delete files", () => {
      const folder = checkout({ ...source, ".git/HEAD": { text: "x" } }, { modes: { ".git": 0 } });
      asNobody(() => assert.equal(key(folder), key(context())));
    });

    it("counts .git if an exception of .dockerignore names it, as BuildKit does", () => {
      const sent = (ignore: string) => paths(clone({ ".dockerignore": ignore })).filter((path) => /\.git\//.test(path));
      assert.deepEqual(sent("!.git\n"), [".git/HEAD", ".git/index"]);
      assert.deepEqual(sent("*\n!.git/HEAD\n"), [".git/HEAD"]);
      assert.deepEqual(sent("!.git\n.git/index\n"), [".git/HEAD"]);
      assert.deepEqual(sent(".git\n!*\n"), []);
      assert.deepEqual(sent(".git\n!**/HEAD\n"), []);
    });

    it("lists what is left out although no pattern excludes it", () => {
      const leftOut = (files: Record<string, string> = {}) => read(clone({ "lib/.git": "x", ...files })).leftOut;
      assert.deepEqual(leftOut(), [".git", "lib/.git"]);
      assert.deepEqual(leftOut({ ".dockerignore": "lib\n" }), [".git"]);
      assert.deepEqual(leftOut({ ".dockerignore": "**/.git\n" }), []);
      assert.deepEqual(leftOut({ ".dockerignore": "!.git\n" }), ["lib/.git"]);
      assert.deepEqual(read(context()).leftOut, []);
    });
  });

  describe("while other programs change the context", () => {
    /** Reads a context, in which a path changes after its folder was listed and before it is read. */
    function readWhile(folder: string, path: string, change: () => void): string {
      let changed = false;
      const { lstatSync, readdirSync } = fs;
      const changeOnce = (reading: string) => {
        if (changed || reading !== join(folder, path)) return;
        changed = true;
        change();
      };
      Object.assign(fs, {
        lstatSync(path: string) {
          changeOnce(path);
          return lstatSync(path);
        },
        readdirSync(path: string, options: { withFileTypes: true }) {
          changeOnce(path);
          return readdirSync(path, options);
        },
      });
      syncBuiltinESMExports();
      try {
        return key(folder);
      } finally {
        Object.assign(fs, { lstatSync, readdirSync });
        syncBuiltinESMExports();
        assert.ok(changed);
      }
    }

    it("does not count a file or a folder that is deleted before it is read", () => {
      const folder = context({ "index.lock": "x", "temporary/a": "x" });
      assert.equal(
        readWhile(folder, "index.lock", () => rmSync(join(folder, "index.lock"))),
        key(context({ "temporary/a": "x" })),
      );
      assert.equal(
        readWhile(folder, "temporary", () => rmSync(join(folder, "temporary"), { recursive: true })),
        key(context()),
      );
      assert.equal(
        readWhile(folder, "lib/a.py", () => rmSync(join(folder, "lib"), { recursive: true })),
        key(checkout(without(source, "lib/a.py"))),
      );
    });

    it("refuses a folder that becomes a file, in one sentence", () => {
      const folder = context();
      const replace = () => {
        rmSync(join(folder, "lib"), { recursive: true });
        writeFileSync(join(folder, "lib"), "");
      };
      assert.throws(
        () => readWhile(folder, "lib", replace),
        /^Error: .*lib was a folder .* and is none now; run it again$/,
      );
    });
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

  it("refuses a socket, unless it is ignored", async () => {
    const folder = context();
    const server = createServer().listen(join(folder, "live.sock"));
    await new Promise((resolve) => server.once("listening", resolve));
    assert.throws(() => read(folder), /live\.sock is neither a file, a folder nor a link; name it in \.dockerignore/);
    writeFileSync(join(folder, ".dockerignore"), "*.sock\n");
    assert.ok(key(folder));
    server.close();
  });

  it("refuses a pipe and a device, and does not wait for them", () => {
    const folder = context();
    execFileSync("mkfifo", [join(folder, "pipe")]);
    assert.throws(() => read(folder), /pipe is neither a file, a folder nor a link; name it in \.dockerignore/);
    rmSync(join(folder, "pipe"));
    // Only root can create a device, and not in every container.
    const { status } = spawnSync("mknod", [join(folder, "device"), "c", "1", "3"]);
    if (status !== 0) return;
    assert.throws(() => read(folder), /device is neither a file, a folder nor a link; name it in \.dockerignore/);
  });

  it("refuses an ignore file that is a folder, and a context that is a file, in one sentence", () => {
    const folder = context();
    mkdirSync(join(folder, ".dockerignore"));
    assert.throws(() => read(folder), /^Error: .*\.dockerignore is a folder, where a file is expected$/);
    assert.throws(() => read(join(context(), "main.py")), /^Error: .*main\.py\/Dockerfile does not exist; /);
  });

  it("refuses a file and a folder that may not be read, unless they are ignored", () => {
    const closed = checkout({ ...source, "lib/key.pem": { text: "x", mode: 0 } });
    const closedFolder = checkout({ ...source, "safe/key": { text: "x" } }, { modes: { safe: 0 } });
    const left = checkout(
      { ...source, ".dockerignore": { text: "safe\n!main.*\n" }, "safe/key": { text: "x" } },
      { modes: { safe: 0 } },
    );
    asNobody(() => {
      assert.throws(
        () => read(closed),
        /lib\/key\.pem may not be read by this user; change its permissions, or name it/,
      );
      assert.throws(() => read(closedFolder), /safe may not be read by this user/);
      assert.deepEqual(paths(left), [".dockerignore", "Dockerfile", "lib/a.py", "main.py"]);
    });
  });

  it("refuses a file whose name is not UTF-8", () => {
    const folder = context();
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])]), "");
    assert.throws(() => read(folder), /its name is not UTF-8/);
  });
});

/** Runs it as a user who may not read everything. */
function asNobody(work: () => void): void {
  const user = process.geteuid?.();
  if (user === 0) process.seteuid?.(65534);
  try {
    work();
  } finally {
    if (user === 0) process.seteuid?.(0);
  }
}
