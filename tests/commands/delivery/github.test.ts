import assert from "node:assert/strict";
import { marker, readRequest, showReview } from "../../../commands/delivery/comment.ts";
import { repositoryOf } from "../../../commands/delivery/github.ts";
import { commentLimit } from "../../../commands/review/markdown.ts";
import { refusal } from "./refusal.ts";
import { SimulatedGitHub } from "./simulated-github.ts";

describe("A repository on GitHub", () => {
  it("is not reached without a token, or without a name, and says how to give one", async () => {
    const env = { GITHUB_TOKEN: "t", GITHUB_REPOSITORY: "team/shop" };
    assert.deepEqual(repositoryOf(env).at, { owner: "team", repo: "shop" });
    assert.match(
      await refusal(() => repositoryOf({ ...env, GITHUB_TOKEN: "" })),
      /GITHUB_TOKEN is missing.*nothing was changed\.\n.*github\.token.*\n.*gh auth token/s,
    );
    for (const name of ["", "shop", "a/b/c"])
      assert.match(await refusal(() => repositoryOf({ ...env, GITHUB_REPOSITORY: name })), /GITHUB_REPOSITORY is/);
  });

  describe("that refuses", () => {
    const github = new SimulatedGitHub();
    before(() => github.start());
    after(() => github.stop());

    it("has that said in words, and never the token", async () => {
      const { api, at } = repositoryOf({ ...github.environment, GITHUB_TOKEN: "another-token" });
      const said = await refusal(api.repos.get(at));
      assert.match(said, /GitHub did not do it: GET .*\n.*Bad credentials.*\n.*job's permissions/);
      assert.doesNotMatch(said, /another-token/);
    });
  });
});

describe("npm run comment", () => {
  const github = new SimulatedGitHub();
  before(() => github.start());
  after(() => github.stop());
  beforeEach(() => {
    github.comments.length = 0;
    github.changes.length = 0;
  });

  it("comments once, and keeps that comment up to date", async () => {
    const url = await showReview(github.repository, 7, "first");
    assert.equal(await showReview(github.repository, 7, "second"), url);
    assert.deepEqual(
      github.comments.map(({ issue, body }) => [issue, body]),
      [["7", `${marker}\nsecond`]],
    );
    assert.equal(github.changes[0], "POST issues/7/comments");
    assert.match(github.changes[1] ?? "", /^PATCH issues\/comments\/\d+$/);
  });

  it("finds it behind a hundred others", async () => {
    for (let id = 1; id <= 130; id++)
      github.comments.push({ id, issue: "7", body: "a word", user: { type: "User" }, html_url: "" });
    await showReview(github.repository, 7, "first");
    await showReview(github.repository, 7, "second");
    assert.equal(github.comments.length, 131);
  });

  it("keeps the comment of the person whose token it is up to date, and nobody else's", async () => {
    const other = { id: 1, issue: "7", body: `${marker}\ntheirs`, user: { type: "User", login: "you" }, html_url: "" };
    github.comments.push(other);
    github.user = { type: "User", login: "me" };
    try {
      const url = await showReview(github.repository, 7, "first");
      assert.equal(await showReview(github.repository, 7, "second"), url);
    } finally {
      github.user = { type: "Bot", login: "github-actions[bot]" };
    }
    await showReview(github.repository, 7, "a job's");
    assert.deepEqual(
      github.comments.map(({ body, user }) => [user.login, body]),
      [
        ["you", `${marker}\ntheirs`],
        ["me", `${marker}\nsecond`],
        ["github-actions[bot]", `${marker}\na job's`],
      ],
    );
  });

  it("goes on with a job's comment by hand, where there is one", async () => {
    const url = await showReview(github.repository, 7, "a job's");
    github.comments.push({
      id: 1,
      issue: "7",
      body: `${marker}\n`,
      user: { type: "User", login: "you" },
      html_url: "",
    });
    github.user = { type: "User", login: "me" };
    try {
      assert.equal(await showReview(github.repository, 7, "by hand"), url);
    } finally {
      github.user = { type: "Bot", login: "github-actions[bot]" };
    }
  });

  it("leaves alone what somebody else wrote, and what only quotes it", async () => {
    const others = [
      { id: 1, issue: "7", body: `${marker}\nmine`, user: { type: "User" } },
      { id: 2, issue: "7", body: `> ${marker}`, user: { type: "Bot" } },
    ];
    github.comments.push(...others.map((each) => ({ ...each, html_url: "" })));
    await showReview(github.repository, 7, "ours");
    assert.deepEqual(
      github.comments.map(({ body }) => body),
      [`${marker}\nmine`, `> ${marker}`, `${marker}\nours`],
    );
  });

  it("has room for the longest review", () => {
    // https://docs.github.com/en/rest/issues/comments says nothing of it; GitHub answers: body is too long (maximum is 65536 characters).
    assert.ok(`${marker}\n`.length + commentLimit <= 65_536);
  });

  it("says what is missing", async () => {
    assert.deepEqual(readRequest(["7", "review.md"]), { pull: 7, file: "review.md" });
    for (const args of [[], ["x", "f"], ["0", "f"], ["7"], ["7", "a", "b"]])
      assert.match(await refusal(() => readRequest(args)), /npm run comment -- PULL FILE/);
  });
});
