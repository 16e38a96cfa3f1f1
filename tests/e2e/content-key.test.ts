import assert from "node:assert/strict";
import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { readContent, stageContent } from "../../image/content-key.ts";
import { run } from "../../sandbox/command.ts";
import { environment } from "../../sandbox/paths.ts";
import { TemporaryFolders } from "./temporary-folders.ts";

const folders = new TemporaryFolders();

/** Names that are difficult for patterns: case, accents, two UTF-16 units, and special characters of patterns. */
const files = [
  ...["a", "b", "A", "README.md", "main.py", "lib/a", "lib/b", "lib/deep/a", "lib/deep/er/c.tmp", "lib.py", "libs/a"],
  ...["docs/README.md", "docs/x/README.md", ".env", ".gitignore", ".github/config", "build/out.tmp"],
  ...["é", "Ä/ö", "ü̈", "日本/語.txt", "🚀"],
  ...["a+b", "c(1).txt", "{x}", "a|b", "$HOME", "x^y", "[z]", "sp ace/in side", "#note", "!keep", "a*b", "q?q", "t\\t"],
  ...["file1", "file2", "file10", "node_modules/p/index.js", "sub/node_modules/p/index.js", "x.y.z", "..dots", "a]"],
];

/** Creates a build context with all of these, a linked folder, a linked file, a hard link and empty folders. */
function context(ignoreFiles: Record<string, string>, dockerfile = "Dockerfile"): string {
  const folder = folders.make();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const path of files) write(path, path);
  write(dockerfile, "FROM scratch\nCOPY . /\n");
  for (const [path, text] of Object.entries(ignoreFiles)) write(path, text);
  for (const path of ["empty", "lib/void", "hollow/inside"]) mkdirSync(join(folder, path), { recursive: true });
  symlinkSync("lib", join(folder, "linked"));
  symlinkSync("deep/a", join(folder, "lib/link"));
  symlinkSync("/nowhere", join(folder, "dangling"));
  linkSync(join(folder, "b"), join(folder, "twin"));
  return folder;
}

/** Paths that BuildKit sends to a build, those of folders with a slash. */
async function sent(folder: string, dockerfile = "Dockerfile", dockerfiles = folder): Promise<string[]> {
  const out = folders.make();
  const locals = ["--local", `context=${folder}`, "--local", `dockerfile=${dirname(join(dockerfiles, dockerfile))}`];
  const options = ["--opt", `filename=${dockerfile.split("/").at(-1)}`, "--output", `type=local,dest=${out}`];
  await run(["buildctl", "build", "--frontend", "dockerfile.v0", ...locals, ...options], { env: environment() });
  return paths(out).sort();
}

function paths(root: string, folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [`${path}/`, ...paths(root, path)] : [path];
  });
}

/** Paths that the content key covers, with the folders that contain them. */
function covered(folder: string, dockerfile = "Dockerfile"): string[] {
  const all = new Set<string>();
  for (const { path, kind } of readContent({ context: folder, dockerfile }).files) {
    all.add(kind === "folder" ? `${path}/` : path);
    for (let up = dirname(path); up !== "."; up = dirname(up)) all.add(`${up}/`);
  }
  return [...all].sort();
}

/** Errors of BuildKit for invalid patterns. */
const invalidPattern =
  /syntax error in pattern|illegal exclusion pattern|token too long|failed to match excludepatterns/;

/** Asserts that both have the same paths, or both refuse a pattern. */
async function assertSamePaths(folder: string, dockerfile?: string): Promise<void> {
  let expected: string[] | undefined;
  try {
    expected = await sent(folder, dockerfile);
  } catch (error) {
    assert.match((error as Error).message, invalidPattern);
  }
  if (expected) assert.deepEqual(covered(folder, dockerfile), expected);
  else assert.throws(() => covered(folder, dockerfile), /ockerignore(:| has) /);
}

const cases: Record<string, string> = {
  "no line": "",
  "comments and blank lines": "# a\n\n   \n#b\n #note\n\ta\n",
  "a comment's sign taken literally": "\\#note\n",
  "a byte order mark": "\uFEFFlib\nb\n",
  "a byte order mark on a later line": "b\n\uFEFFlib\n",
  "a byte order mark before a comment": "\uFEFF# a\nb\n",
  "line ends of Windows": "lib\r\n!lib/a\r\nb\r\n",
  "no last line end": "a\nlib",
  "spaces around": "  lib  \n\t!\tlib/a \n",
  "spaces within": "sp ace\n",
  "spaces of Unicode": "\u00a0lib\u2003\n\u0085a\u0085\nb\u200b\n",
  "a trailing slash": "lib/\na/\n",
  "a leading slash": "/lib\n/a\n!/lib/a\n",
  "a leading ./": "./lib\n!./lib/a\n",
  "../ and detours": "../lib\nlib/../a\nlib//deep\n",
  "only / or .": "/\n.\n./\n",
  "a space after a leading slash": "/ lib\n./ a\n! / lib/a\n./ /\n",
  everything: "*\n",
  "everything, at any depth": "**\n",
  "everything but a file in a folder": "*\n!lib/a\n",
  "everything but a folder": "*\n!lib\n",
  "everything but a folder and part of that": "*\n!lib\nlib/deep\n!lib/deep/er\n",
  "everything but a pattern at any depth": "**\n!**/README.md\n",
  "everything but an empty folder": "*\n!empty\n!hollow/inside\n",
  "a folder's whole content": "lib/*\nhollow/*\n",
  "a folder's whole content at any depth": "lib/**\n",
  "exceptions in the other order": "!lib/a\nlib\n",
  "an exception from nothing": "!lib\n",
  "** in front": "**/a\n**/node_modules\n",
  "** without a slash": "**a\n**.py\n",
  "** in the middle": "lib/**/a\nsub/**/index.js\n",
  "** at the end, without a slash": "lib**\n",
  "** twice": "**/deep/**/c*\n",
  "** and an exception": "**/*.md\n!docs/**/README.md\n",
  "***": "***\n!lib/***/a\n",
  "a star": "li*\n*.py\n*/a\n*/*/a\n",
  "a question mark": "?\nfile?\n",
  "a question mark for a character of two UTF-16 units": "?\n!🚀\n",
  "a class": "file[12]\n[a-b]\n",
  "a negated class": "file[^1]\nlib[^x]a\n",
  "a class with special characters": "[*]\na[*]b\nq[?]q\na[+|]b\n[.]env\n",
  "a class with a bracket": "[[]z[]]\n[\\]]\n",
  "a class with an exclamation mark": "[!a]\n",
  "only a closing bracket": "a]\n",
  "a bracket that is never closed": "[a\n",
  "an empty class": "[]\n",
  "a class in reverse order": "[b-a]\n",
  "escaped characters": "a\\*b\nq\\?q\n\\[z\\]\n\\!keep\nt\\\\t\nmain\\.py\n",
  "escaped letters that are a class of characters": "file\\d\n\\w\n",
  "escaped letters that mean nothing": "\\m\n",
  "an escape at the end": "a\\\n",
  "an escape of a letter that is not ASCII": "\\é\n",
  "characters that are special only to regular expressions": "a+b\nc(1).txt\n{x}\na|b\n$HOME\nx^y\n",
  "special characters of regular expressions with a star": "a+*\nc(*).txt\n{*}\n$*\nx^*\n..d*\n",
  "a bar and a star, which leave everything out": "a|*\n",
  "braces that count": "b{1}*\nfile1{1,}*\nlib{2,1}\n",
  "braces that count, in reverse order": "lib{2,1}*\n",
  "braces that do not count": "b{,1}*\nx{a}*\n{*\n*}\nA{01}*\n",
  "a dot": "x.y?z\nlib.py\nx.y.z\n",
  "only an exclamation mark": "!\n",
  "an exclamation mark and a slash": "!/\n",
  "two exclamation marks": "*\n!!keep\n",
  "an exclamation mark in a class": "[!]keep\n",
  case: "LIB\nreadme.md\nB\n",
  "letters that are not ASCII": "é\nÄ\n日本\n!日本/語.txt\n",
  "letters of two characters": "ü̈\n",
  "the names of the Dockerfile and of .dockerignore": "Dockerfile\n.dockerignore\n*.dockerignore\n",
  "a linked folder": "linked\n",
  "a file in a linked folder": "linked/a\n",
  "the target of a link": "lib\n!linked\n",
  "one of two hard links": "b\n",
  "a folder named by the pattern of its child": "lib/deep/a\n!lib\nlib/deep/er\n",
  "a part of an exception left out again": "lib\n!lib/deep\nlib/deep/er\n!**/c.tmp\n",
  "a prefix of an exception": "lib\n!lib/*\n",
  "a wide exception from one folder": "lib\n!*\n",
  "a folder by a pattern for files": "*.tmp\nbuild/*.tmp\n",
  "a hidden file": ".*\n",
  "a line far too long": `${"x".repeat(70_000)}\na\n`,
};

describe("The content key covers the files that BuildKit sends", () => {
  after(folders.removeAll);

  for (const [name, ignore] of Object.entries(cases)) {
    it(`with ${name} in .dockerignore`, () => assertSamePaths(context({ ".dockerignore": ignore })));
  }

  it("or refuses a pattern with an unexpected meaning in BuildKit, and says what to write instead", () => {
    for (const pattern of ["[[:alpha:]]", "\\a", "\\x41*"]) {
      const folder = context({ ".dockerignore": `${pattern}\n` });
      assert.throws(
        () => readContent({ context: folder }),
        /\.dockerignore: the pattern .* (list them instead|needs none)/,
      );
    }
  });

  it("without a .dockerignore", () => assertSamePaths(context({})));

  it("without .git, at any depth, unless an exception names it", async () => {
    const git = { ".git/HEAD": "x", "lib/.git": "gitdir: ../.git/modules/lib\n" };
    const folder = (ignore: string) => context({ ...git, ".dockerignore": ignore });
    const isGit = (path: string) => path.split("/").includes(".git");
    for (const ignore of ["", "*\n!lib\n", "lib\n!lib/*\n", "**/.git\n"])
      assert.deepEqual(
        covered(folder(ignore)),
        (await sent(folder(ignore))).filter((path) => !isGit(path)),
        ignore,
      );
    for (const ignore of ["!**/.git\n", "*\n!**/.git\n", "*\n!.git/HEAD\n", ".git/*\n!.git\n!lib/.git\n"])
      await assertSamePaths(folder(ignore));
  });

  it("with an ignore file of the Dockerfile's own, also an empty one", async () => {
    await assertSamePaths(context({ ".dockerignore": "a\n", "Dockerfile.dockerignore": "lib\n" }));
    await assertSamePaths(context({ ".dockerignore": "a\n", "Dockerfile.dockerignore": "" }));
  });

  it("with a Dockerfile in a folder, with and without an ignore file beside it", async () => {
    const file = "docker/web.Dockerfile";
    const own = { ".dockerignore": "a\n", "docker/web.Dockerfile.dockerignore": "lib\ndocker\n" };
    await assertSamePaths(context(own, file), file);
    await assertSamePaths(context({ ".dockerignore": "a\ndocker\n", "docker/.dockerignore": "lib\n" }, file), file);
  });

  it("with a context that is a link to a folder", async () => {
    const link = join(folders.make(), "link");
    symlinkSync(context({ ".dockerignore": "lib\n" }), link);
    await assertSamePaths(link);
  });

  it("with random patterns", async () => {
    const part = fc.constantFrom("a", "lib", "deep", "*", "**", "?", "li*", "*.tmp", "[a-l]*", "..", ".", "er", "**b");
    const pattern = fc
      .tuple(fc.constantFrom("", "", "!", "/", "!/"), fc.array(part, { minLength: 1, maxLength: 4 }))
      .map(([start, parts]) => start + parts.join("/"));
    await fc.assert(
      fc.asyncProperty(fc.array(pattern, { minLength: 1, maxLength: 6 }), async (patterns) => {
        await assertSamePaths(context({ ".dockerignore": patterns.join("\n") }));
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  it("and a build from the staged copy gets the same files, without an ignore file", async () => {
    for (const ignore of ["*\n!lib/a\n!hollow\n", "a\nDockerfile\n.dockerignore\n", "lib/*\n!lib/deep\n"]) {
      const folder = context({ ".dockerignore": "b\n", "Dockerfile.dockerignore": ignore });
      const staged = stageContent(readContent({ context: folder }), folders.make());
      assert.deepEqual(await sent(staged.context, "Dockerfile", dirname(staged.dockerfile)), await sent(folder));
    }
  });
});
