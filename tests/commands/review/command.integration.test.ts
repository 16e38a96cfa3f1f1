import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { exitCode, readRequest, withUniqueNames } from "../../../commands/review/command.ts";
import { asJson } from "../../../commands/review/json.ts";
import { recorded, review, textOf } from "./recorded.ts";

describe("npm run review", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-review-"));
  before(() => {
    for (const name of ["port", "unchanged", "plain-class", "storage-shrunk"])
      writeFileSync(join(folder, `${name}.json`), textOf(name));
    // A pulumi with a recorded preview of one stack and a remark of a policy on it, which fails for the other stacks.
    const pulumi = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --event-log) log=$2 ;;
    --stack) stack=$2 ;;
    --policy-pack) pack=$2 ;;
  esac
  shift
done
[ "$PULUMI_DEBUG_COMMANDS" = true ] || exit 98
case $stack in
  dev)
    echo '{"policyEvent":{"policyName":"any","enforcementLevel":"advisory","message":"from '$pack'"}}' >"$log"
    echo '{"policyAnalyzeSummaryEvent":{"failed":["any"]}}' >>"$log"
    cat "${folder}/port.json" ;;
  test) cat "${folder}/unchanged.json"; echo "a plugin failed: token=hunter2-hunter2" >&2; exit 1 ;;
  *) echo "error: no stack named '$stack' found" >&2; exit 255 ;;
esac
`;
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin", "pulumi"), pulumi);
    chmodSync(join(folder, "bin", "pulumi"), 0o755);
    for (const [stack, release] of [
      ["dev", "{}"],
      ["test", "{ name: v1.1 }"],
      ["prod", "{ name: v1.1, promoteFrom: test }"],
    ])
      writeFileSync(join(folder, `Pulumi.${stack}.yaml`), `config: { "slipway:release": ${release} }\n`);
  });
  after(() => rmSync(folder, { recursive: true }));

  const runIn = (cwd: string, ...args: string[]) =>
    spawnSync(process.execPath, [resolve("commands/review/command.ts"), ...args], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, PATH: `${join(folder, "bin")}:/usr/bin:/bin`, SOME_TOKEN: "hunter2-hunter2" },
    });
  const run = (...args: string[]) => runIn(folder, ...args);

  it("writes the review to the file of --output, and exits with 0", () => {
    const { status, stdout, stderr } = run("--output", "comment.md", "port.json", "--fail-on", "data");
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "");
    assert.match(readFileSync(join(folder, "comment.md"), "utf8"), /^\*\*Restarts pods in `review`\.\*\*/);
  });

  it("writes the review and exits with 1 if a preview failed", () => {
    const { status, stdout } = run("storage-shrunk.json");
    assert.equal(status, 1);
    assert.match(stdout, /^\*\*The preview of `review` fails\.\*\*/);
  });

  it("previews every environment without files, and shows errors that are not in the JSON", () => {
    const { status, stdout } = run();
    assert.equal(status, 1);
    assert.match(stdout, /^\*\*The previews of `test`, `prod` fail\.\*\*/);
    assert.match(stdout, /### The preview of `test` fails\n\n```text\na plugin failed: token=\[secret\]\n```/);
    assert.match(stdout, /### The preview of `prod` fails\n\n```text\n.*no stack named 'prod' found/);
    assert.match(stdout, /network policy `web` changes/);
    assert.match(stdout, /### A remark on `dev`\n\n```text\npolicy any remarks on .*: from \/.*\/policy\n```/);
  });

  it("reads the results of policies from the file beside a preview", () => {
    const event = { policyName: "any", enforcementLevel: "mandatory", message: "because" };
    writeFileSync(join(folder, "port.events"), JSON.stringify({ policyEvent: event }));
    const { status, stdout } = run("port.json");
    rmSync(join(folder, "port.events"));
    assert.equal(status, 1);
    assert.match(stdout, /^\*\*The preview of `review` fails\.\*\* It says: `policy any refuses .*: because`/);
  });

  it("counts a missing file as a failed preview", () => {
    const { status, stderr } = run("--output", "comment.md", "unchanged.json", "previews/prod.json");
    assert.deepEqual([status, stderr], [1, ""]);
    const comment = readFileSync(join(folder, "comment.md"), "utf8");
    assert.match(
      comment,
      /^\*\*The preview of `prod` fails\.\*\* It says: `there is no previews\/prod\.json: the job /,
    );
    assert.match(comment, /\nNo changes in `review`\.\n$/);
  });

  it("runs as shown in docs/reviewing.md, in a folder with other JSON files", () => {
    const [, block = ""] = /## The command\n\n```\n(.*?)```/s.exec(readFileSync("docs/reviewing.md", "utf8")) ?? [];
    const commands = [...block.matchAll(/^npm run (?:-s )?review -- (.*?) {2}/gm)].map(([, args = ""]) => args);
    assert.equal(commands.length, 4);
    for (const name of ["package", "tsconfig"]) writeFileSync(join(folder, `${name}.json`), "{}");
    mkdirSync(join(folder, "previews"));
    for (const path of ["staging", "prod", "previews/staging", "previews/prod"])
      writeFileSync(join(folder, `${path}.json`), textOf("unchanged"));
    for (const args of commands) {
      const script = `exec "${process.execPath}" "${resolve("commands/review/command.ts")}" ${args}`;
      const { status, stderr } = spawnSync("sh", ["-c", script], { cwd: folder, encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""], args);
    }
    rmSync(join(folder, "previews"), { recursive: true });
  });

  it("refuses unknown arguments, and files that it can't read or write, without a stack trace", () => {
    for (const [args, expected] of [
      [["--format", "html"], /^--format is html; allowed: markdown, json, text\nnpm run review -- /],
      [["bin"], /^bin can't be read: EISDIR/],
      [["port.json", "--output", "nowhere/comment.md"], /^nowhere\/comment\.md can't be written: ENOENT/],
    ] as const) {
      const { status, stderr } = run(...args);
      assert.equal(status, 1);
      assert.match(stderr, expected);
      assert.ok(!stderr.includes("    at "), stderr);
    }
  });

  it("fails if there is no environment", () => {
    const { status, stdout, stderr } = runIn(join(folder, "bin"));
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^There is no Pulumi\.STACK\.yaml in .*, so there is nothing to preview\.\nnpm run review/);
  });

  it("fails if pulumi is not installed", () => {
    rmSync(join(folder, "bin", "pulumi"));
    const { status, stdout } = run();
    assert.equal(status, 1);
    assert.match(stdout, /It says: `the preview printed nothing: does pulumi preview --json run\?`/);
  });
});

describe("The arguments of npm run review", () => {
  it("choose text in a terminal, and Markdown elsewhere", () => {
    const format = (args: string[], terminal: boolean) => readRequest(args, terminal).format;
    assert.equal(format([], true), "text");
    assert.equal(format([], false), "markdown");
    assert.equal(format(["--output", "a.md"], true), "markdown");
    assert.equal(format(["--format", "json"], true), "json");
  });

  it("are refused with the allowed values", () => {
    const request = (...args: string[]) => readRequest(args, false);
    assert.throws(() => request("--fail-on", "restarts"), /--fail-on is restarts; allowed: data\nnpm run review/);
    assert.throws(() => request("--colour"), /Unknown option '--colour'[\s\S]*npm run review/);
  });

  it("include any number of files, each once", () => {
    assert.deepEqual(readRequest(["a.json", "--fail-on", "data", "b.json", "a.json"], false), {
      files: ["a.json", "b.json"],
      format: "markdown",
      output: undefined,
      failOnData: true,
    });
  });

  it("name previews of one stack after their files", () => {
    const preview = recorded("port");
    const names = (...files: string[]) =>
      withUniqueNames(files.map((path) => ({ path, preview }))).map(({ environment }) => environment);
    assert.deepEqual(names("one/a.json", "b.json"), ["a", "b"]);
    assert.deepEqual(names("a.json"), ["review"]);
    assert.deepEqual(names("one/a.json", "two/a.json", "b.json"), ["one/a.json", "two/a.json", "b"]);
    const two = ["port", "promotion"].map((name) => ({ path: name, preview: recorded(name) }));
    assert.deepEqual(
      withUniqueNames(two).map(({ environment }) => environment),
      ["review", "review-next"],
    );
  });
});

describe("The exit code of npm run review", () => {
  it("is 3 if data is at risk and --fail-on asks for that, 1 if a preview failed, else 0", async () => {
    const code = async (failOnData: boolean, ...names: string[]) => exitCode(await review(...names), { failOnData });
    assert.equal(await code(true, "plain-class"), 3);
    assert.equal(await code(false, "plain-class"), 0);
    assert.equal(await code(true, "port"), 0);
    assert.equal(await code(true, "plain-namespace"), 1);
    assert.equal(await code(false, "wrong-setting"), 1);
  });
});

describe("A review as JSON", () => {
  it("has the first line, the totals and each change", async () => {
    const json = JSON.parse(asJson(await review("port")));
    assert.match(json.verdict, /^Restarts pods in review\. 2 changes in 1 environment: .* 27 resources unchanged\.$/);
    assert.deepEqual(json.totals, { data: 0, restarts: 1, access: 1, settings: 0 });
    assert.deepEqual(json.changes[1], {
      environments: ["review"],
      risk: "access",
      resource: "NetworkPolicy web",
      sentence: "network policy web changes: port 8000 → 8080",
    });
    assert.equal(json.unchangedResources, 27);
    assert.deepEqual(json.where.restarts, ["review"]);
  });

  it("has the failures", async () => {
    const json = JSON.parse(asJson(await review("storage-shrunk")));
    assert.equal(json.failed[0].environment, "review");
    assert.match(json.failed[0].messages[0], /^refused/);
    assert.equal(JSON.parse(asJson(await review("unchanged"))).verdict, "No changes in 1 environment.");
  });
});
