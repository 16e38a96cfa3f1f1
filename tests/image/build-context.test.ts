import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs, { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { createServer } from "node:net";
import { join } from "node:path";
import { checkout, emptyFolder, removeFolders, type Tree } from "./checkouts.ts";
import { context, key, paths, read, source, without } from "./contexts.ts";

describe("Content key", () => {
  after(removeFolders);

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
