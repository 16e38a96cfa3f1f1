import assert from "node:assert/strict";
import { Dockerignore, type Verdict } from "../../image/dockerignore.ts";

const paths = ["a", "b", "lib", "lib/a", "lib/b", "lib/deep", "lib/deep/a", "x.py", "xpy", "a+b", "a|b", "é", "🚀"];

/** Paths that are not ignored. The end-to-end tests compare the patterns with BuildKit. */
function included(text: string): string[] {
  const ignore = new Dockerignore(text);
  const verdicts = new Map<string, Verdict>();
  for (const path of paths) verdicts.set(path, ignore.judge(path, verdicts.get(path.replace(/\/[^/]*$/, ""))));
  return paths.filter((path) => verdicts.get(path)?.ignored === false);
}

const without = (...some: string[]) => paths.filter((path) => !some.includes(path));
const lib = paths.filter((path) => path.startsWith("lib"));

describe("Dockerignore", () => {
  const cases: [string, string, string[]][] = [
    ["ignores nothing if it is empty", "", paths],
    ["reads comments, blanks, a byte order mark and line endings of Windows", "\uFEFFa\r\n#b\r\n \t\r\n", without("a")],
    ["removes only the first byte order mark", "\n\uFEFFa\n", paths],
    ["removes white space", " a \n\u0085b\u00a0\n", without("a", "b")],
    ["normalises paths and removes leading and trailing slashes", "/a\n./b/\nlib/../x.py\n", without("a", "b", "x.py")],
    ["removes white space after a leading slash", "/ a\n./\tb\n", without("a", "b")],
    ["keeps white space after an exception's leading slash", "a\n! / a\n", without("a")],
    ["ignores a pattern of which nothing is left", "./ /\n", paths],
    ["ignores the content of a folder", "lib\n", without(...lib)],
    ["includes what an exception names", "lib\n! /lib/deep \n", without("lib", "lib/a", "lib/b")],
    ["applies the last pattern that matches", "lib\n!lib\nlib/deep\n", without("lib/deep", "lib/deep/a")],
    ["ignores an exception from nothing", "!lib\n", paths],
    ["matches no slash with a star", "*/a\n", without("lib/a")],
    ["matches any number of slashes with two stars", "**/a\n", without("a", "lib/a", "lib/deep/a")],
    ["matches no slash with two stars too", "lib/**/a\n", without("lib/a", "lib/deep/a")],
    ["matches the end after two leading stars", "**py\n", without("x.py", "xpy")],
    ["matches the start before two trailing stars", "li**\n", without(...lib)],
    ["can ignore a folder's content without the folder", "lib/**\n", without(...lib.slice(1))],
    ["matches one character with a question mark", "?\n", without("a", "b", "é", "🚀")],
    ["matches characters in brackets", "[a-b]\n[^a-zé]\n", without("a", "b", "🚀")],
    ["takes brackets in brackets literally", "[[]\n[*]\n[\\]]\na]\n", paths],
    ["takes a dot and a plus literally", "?.py\na+*\n", without("x.py", "a+b")],
    ["takes an escaped character literally", "\\*\na\\+b\n\\é?\n".replace("\\é", "é"), without("a+b")],
    ["separates alternatives with a bar, as BuildKit does", "a|*\n", []],
    ["repeats with braces, as BuildKit does", "xp{1}?\nx{,1}*\n", without("xpy")],
    ["matches a class with a letter's escape, as BuildKit does", "\\w\n", without("a", "b")],
    ["is case-sensitive", "A\nLIB\n", paths],
  ];
  for (const [promise, text, expected] of cases) {
    it(promise, () => assert.deepEqual(included(text), expected));
  }

  it("enters an ignored folder only if an exception may match inside", () => {
    const mayInclude = (text: string) => new Dockerignore(text).mayInclude("lib/deep");
    assert.equal(mayInclude("lib\n"), false);
    assert.equal(mayInclude("lib\n!lib/deep/a\n"), true);
    assert.equal(mayInclude("lib\n!lib/deep/**\n"), true);
    assert.equal(mayInclude("lib\n!lib/de\n"), false);
    assert.equal(mayInclude("lib\n!**/a\n"), true);
  });

  it("names a path only by an exception with the path's own name", () => {
    const names = (text: string, path = "sub/.git") => new Dockerignore(text).names(path);
    for (const text of ["!sub/.git", "!/sub/.git/", "!**/.git", "!*/.git", "*\n!sub/.git/HEAD", "!**/.git/**"])
      assert.equal(names(text), true, text);
    for (const text of ["", "sub/.git", "!.git", "!*", "!**", "!sub", "!sub/*", "!**/.gi?", "!.github", "!.git/sub"])
      assert.equal(names(text), false, text);
    assert.equal(names("!.git", ".git"), true);
  });

  it("refuses the patterns that BuildKit refuses, and names the file", () => {
    for (const text of ["!", "!/", "[a", "[]", "[^]", "[-a]", "a\\", "[b-a]", "\\m", "\\é", `${"x".repeat(70_000)}`]) {
      assert.throws(
        () => new Dockerignore(text, "app/.dockerignore").judge("a"),
        /^Error: app\/\.dockerignore(:| has) /,
        text,
      );
    }
  });

  it("refuses a named class, which JavaScript does not support", () => {
    assert.throws(() => new Dockerignore("[[:alpha:]]").judge("a"), /list them instead/);
  });
});
