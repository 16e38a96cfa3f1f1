import assert from "node:assert/strict";
import { marker, showReview } from "../../../commands/delivery/comment.ts";
import { commentLimit } from "../../../commands/review/markdown.ts";
import { SimulatedGitHub } from "./simulated-github.ts";

describe("npm run comment", () => {
  let github: SimulatedGitHub;
  beforeEach(async () => {
    github = await SimulatedGitHub.start();
  });
  afterEach(() => github.stop());

  const bot = { type: "Bot", login: "github-actions[bot]" };
  const me = { type: "User", login: "me" };
  const you = { type: "User", login: "you" };
  const comment = (body: string, user: object, id = 1) => ({ id, issue: "7", body, user, html_url: "" });
  const bodies = () => github.comments.map(({ body }) => body);

  it("comments once, and updates that comment", async () => {
    const url = await showReview(github.repository, 7, "first");
    assert.equal(await showReview(github.repository, 7, "second"), url);
    assert.deepEqual([github.comments[0].issue, ...bodies()], ["7", `${marker}\nsecond`]);
    assert.match(github.changes.join("\n"), /^POST issues\/7\/comments\nPATCH issues\/comments\/\d+$/);
  });

  it("finds its comment after a hundred others", async () => {
    for (let id = 1; id <= 130; id++) github.comments.push(comment("a word", you, id));
    await showReview(github.repository, 7, "first");
    await showReview(github.repository, 7, "second");
    assert.equal(github.comments.length, 131);
  });

  it("updates the comment of the token's owner, and nobody else's", async () => {
    github.comments.push(comment(`${marker}\ntheirs`, you));
    github.user = me;
    await showReview(github.repository, 7, "first");
    await showReview(github.repository, 7, "second");
    github.user = bot;
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

  it("updates a job's comment if a person runs it, and has no comment", async () => {
    const url = await showReview(github.repository, 7, "a job's");
    github.comments.push(comment(`${marker}\n`, you));
    github.user = me;
    assert.equal(await showReview(github.repository, 7, "by hand"), url);
  });

  it("ignores comments of other people, and those that only quote the marker", async () => {
    github.comments.push(comment(`${marker}\nmine`, you), comment(`> ${marker}`, bot, 2));
    await showReview(github.repository, 7, "ours");
    assert.deepEqual(bodies(), [`${marker}\nmine`, `> ${marker}`, `${marker}\nours`]);
  });

  it("has room for the longest review", () => {
    // GitHub answers: body is too long (maximum is 65536 characters).
    assert.ok(`${marker}\n`.length + commentLimit <= 65_536);
  });
});
