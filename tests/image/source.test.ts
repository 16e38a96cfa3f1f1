import assert from "node:assert/strict";
import { readContent } from "../../image/content-key.ts";
import { noticeOfLeftOut } from "../../image/source.ts";
import { checkout, removeFolders } from "./checkouts.ts";

/** The notice about a git checkout with a submodule in it. */
function notice(ignore: string): string | undefined {
  const texts = { Dockerfile: "FROM scratch\n", ".dockerignore": ignore, ".git/HEAD": "x", "lib/.git": "x" };
  const tree = Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, { text }]));
  return noticeOfLeftOut({ ...readContent({ context: checkout(tree) }), context: "shop" });
}

describe("Notice about git's own data", () => {
  after(removeFolders);

  it("says what is not sent, how to send it, and how to end the notice", () => {
    assert.equal(
      notice(""),
      "shop/.git and 1 more are not sent to the build: git's own data differs in each clone of the same source. " +
        "A line of .dockerignore sends it, !.git, or confirms this and ends the notice, **/.git",
    );
    assert.match(notice(".git\n") ?? "", /^shop\/lib\/\.git is not sent to the build.*, !lib\/\.git, /);
  });

  it("is none if .dockerignore says so itself, either way", () => {
    for (const ignore of ["**/.git\n", "!**/.git\n", "*\n"]) assert.equal(notice(ignore), undefined, ignore);
  });
});
