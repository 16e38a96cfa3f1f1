import assert from "node:assert/strict";
import { Dockerignore, type Verdict } from "../../image/dockerignore.ts";

const paths = ["a", "b", "lib", "lib/a", "lib/b", "lib/deep", "lib/deep/a", "x.py", "xpy", "a+b", "a|b", "é", "🚀"];

/** Which of the paths stay in. That it is what BuildKit does is tested end to end. */
function left(text: string): string[] {
  const ignore = new Dockerignore(text);
  const verdicts = new Map<string, Verdict>();
  for (const path of paths) verdicts.set(path, ignore.judge(path, verdicts.get(path.replace(/\/[^/]*$/, ""))));
  return paths.filter((path) => verdicts.get(path)?.ignored === false);
}

const without = (...some: string[]) => paths.filter((path) => !some.includes(path));
const lib = paths.filter((path) => path.startsWith("lib"));

describe("Dockerignore", () => {
  const cases: [string, string, string[]][] = [
    ["lets everything through when it is empty", "", paths],
    ["knows comments, blanks, a byte order mark and line ends of Windows", "\uFEFFa\r\n#b\r\n \t\r\n", without("a")],
    ["takes no byte order mark away but the first", "\n\uFEFFa\n", paths],
    ["takes white space away", " a \n\u0085b\u00a0\n", without("a", "b")],
    ["takes detours and leading and trailing slashes away", "/a\n./b/\nlib/../x.py\n", without("a", "b", "x.py")],
    ["leaves out what lies in a folder", "lib\n", without(...lib)],
    ["takes back what an exception names", "lib\n! /lib/deep \n", without("lib", "lib/a", "lib/b")],
    ["goes by the last pattern that holds", "lib\n!lib\nlib/deep\n", without("lib/deep", "lib/deep/a")],
    ["takes an exception from nothing for nothing", "!lib\n", paths],
    ["does not cross a slash with a star", "*/a\n", without("lib/a")],
    ["crosses any number of slashes with two", "**/a\n", without("a", "lib/a", "lib/deep/a")],
    ["crosses none with two as well", "lib/**/a\n", without("lib/a", "lib/deep/a")],
    ["ends with any letters after two stars in front", "**py\n", without("x.py", "xpy")],
    ["starts with any letters before two stars at the end", "li**\n", without(...lib)],
    ["leaves out a folder's content, not the folder", "lib/**\n", without(...lib.slice(1))],
    ["understands a question mark as one character", "?\n", without("a", "b", "é", "🚀")],
    ["understands brackets", "[a-b]\n[^a-zé]\n", without("a", "b", "🚀")],
    ["takes brackets in brackets literally", "[[]\n[*]\n[\\]]\na]\n", paths],
    ["takes a dot and a plus literally", "?.py\na+*\n", without("x.py", "a+b")],
    ["takes an escaped character literally", "\\*\na\\+b\n\\é?\n".replace("\\é", "é"), without("a+b")],
    ["lets a bar divide an expression, as BuildKit does", "a|*\n", []],
    ["lets braces count, as BuildKit does", "xp{1}?\nx{,1}*\n", without("xpy")],
    ["takes a letter's escape for its class, as BuildKit does", "\\w\n", without("a", "b")],
    ["minds case", "A\nLIB\n", paths],
  ];
  for (const [promise, text, expected] of cases) {
    it(promise, () => assert.deepEqual(left(text), expected));
  }

  it("enters an ignored folder only where an exception may hold inside", () => {
    const reaches = (text: string) => new Dockerignore(text).mayInclude("lib/deep");
    assert.equal(reaches("lib\n"), false);
    assert.equal(reaches("lib\n!lib/deep/a\n"), true);
    assert.equal(reaches("lib\n!lib/deep/**\n"), true);
    assert.equal(reaches("lib\n!lib/de\n"), false);
    assert.equal(reaches("lib\n!**/a\n"), true);
  });

  it("refuses what BuildKit refuses, and says where", () => {
    for (const text of ["!", "!/", "[a", "[]", "[^]", "[-a]", "a\\", "[b-a]", "\\m", "\\é", `${"x".repeat(70_000)}`]) {
      assert.throws(
        () => new Dockerignore(text, "app/.dockerignore").judge("a"),
        /^Error: app\/\.dockerignore(:| has) /,
        text,
      );
    }
  });

  it("refuses a class by its name, which JavaScript does not know", () => {
    assert.throws(() => new Dockerignore("[[:alpha:]]").judge("a"), /list them instead/);
  });
});
