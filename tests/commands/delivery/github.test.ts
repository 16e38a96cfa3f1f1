import assert from "node:assert/strict";
import { repositoryOf } from "../../../commands/delivery/github.ts";
import { SimulatedGitHub } from "./simulated-github.ts";
import { userError } from "./user-error.ts";

describe("A repository on GitHub", () => {
  it("needs a token and a name, and says how to set them", async () => {
    const env = { GITHUB_TOKEN: "t", GITHUB_REPOSITORY: "team/shop" };
    assert.deepEqual(repositoryOf(env).at, { owner: "team", repo: "shop" });
    assert.match(
      await userError(() => repositoryOf({ ...env, GITHUB_TOKEN: "" })),
      /GITHUB_TOKEN is missing.*nothing was changed\.\n.*github\.token.*\n.*gh auth token/s,
    );
    for (const name of ["", "shop", "a/b/c"])
      assert.match(await userError(() => repositoryOf({ ...env, GITHUB_REPOSITORY: name })), /GITHUB_REPOSITORY is/);
  });

  it("reports a refused request in words, without the token", async () => {
    const github = await SimulatedGitHub.start();
    const { api, at } = repositoryOf({ ...github.environment, GITHUB_TOKEN: "another-token" });
    const message = await userError(api.repos.get(at)).finally(() => github.stop());
    assert.match(message, /GitHub refused a request: GET .*\n.*Bad credentials.*\n.*job's permissions/);
    assert.doesNotMatch(message, /another-token/);
  });
});
