import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { apart, exitCode, readRequest } from "../../../commands/review/command.ts";
import { asJson } from "../../../commands/review/json.ts";
import { asTerminal } from "../../../commands/review/terminal.ts";
import { recorded, review, textOf } from "./recorded.ts";

const control = "\u001b";

describe("npm run review", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-review-"));
  before(() => {
    for (const name of ["port", "unchanged", "plain-class", "storage-shrunk"])
      writeFileSync(join(folder, `${name}.json`), textOf(name));
    // A pulumi that has a recorded preview for one stack, on which a policy remarks; goes wrong in the next; and does not know the third.
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

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [resolve("commands/review/command.ts"), ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}`, SOME_TOKEN: "hunter2-hunter2" },
    });

  it("writes a comment to the file that is named, and ends with 0", () => {
    const { status, stdout, stderr } = run("--output", "comment.md", "port.json", "--fail-on", "data");
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "");
    assert.match(readFileSync(join(folder, "comment.md"), "utf8"), /^\*\*Restarts pods in `review`\.\*\*/);
  });

  it("ends with 1 where a preview failed, with the comment written", () => {
    const { status, stdout } = run("storage-shrunk.json");
    assert.equal(status, 1);
    assert.match(stdout, /^\*\*The preview of `review` fails\.\*\*/);
  });

  it("previews every environment where no file is named, and tells what beside the JSON went wrong", () => {
    const { status, stdout } = run();
    assert.equal(status, 1);
    assert.match(stdout, /^\*\*The previews of `test`, `prod` fail\.\*\*/);
    assert.match(stdout, /### The preview of `test` fails\n\n```text\na plugin failed: token=\[secret\]\n```/);
    assert.match(stdout, /### The preview of `prod` fails\n\n```text\n.*no stack named 'prod' found/);
    assert.match(stdout, /network policy `web` changes/);
    assert.match(stdout, /### A remark on `dev`\n\n```text\npolicy any remarks on .*: from \/.*\/policy\n```/);
  });

  it("reads what policies said from the file beside a preview", () => {
    writeFileSync(
      join(folder, "port.events"),
      '{"policyEvent":{"policyName":"any","enforcementLevel":"mandatory","message":"because"}}\n',
    );
    const { status, stdout } = run("port.json");
    rmSync(join(folder, "port.events"));
    assert.equal(status, 1);
    assert.match(stdout, /^\*\*The preview of `review` fails\.\*\* It says: `policy any refuses .*: because`/);
  });

  it("takes a file that is not there for a preview that failed, with the comment written", () => {
    const { status, stderr } = run("--output", "comment.md", "unchanged.json", "previews/prod.json");
    assert.deepEqual([status, stderr], [1, ""]);
    const comment = readFileSync(join(folder, "comment.md"), "utf8");
    assert.match(
      comment,
      /^\*\*The preview of `prod` fails\.\*\* It says: `there is no previews\/prod\.json: the job .*`/,
    );
    assert.match(comment, /\nNo changes in `review`\.\n$/);
  });

  it("does what docs/reviewing.md says of it, in a folder with other JSON", () => {
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

  it("refuses in words what it does not understand, and files that it can't read", () => {
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
});

describe("npm run review where there is nothing to run", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-review-"));
  after(() => rmSync(folder, { recursive: true }));
  const run = () =>
    spawnSync(process.execPath, [resolve("commands/review/command.ts")], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: folder },
    });

  it("refuses to call no environment unchanged", () => {
    const { status, stdout, stderr } = run();
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^There is no Pulumi\.STACK\.yaml in .*, so there is nothing to preview\.\nnpm run review/);
  });

  it("says that pulumi is not there", () => {
    writeFileSync(join(folder, "Pulumi.qa.yaml"), "config: {}\n");
    const { status, stdout } = run();
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^\*\*The preview of `qa` fails\.\*\* It says: `the preview printed nothing: does pulumi preview --json run\?`/,
    );
  });
});

describe("The request for a review", () => {
  it("has a format that suits where it goes", () => {
    const format = (args: string[], terminal: boolean) => readRequest(args, terminal).format;
    assert.equal(format([], true), "text");
    assert.equal(format([], false), "markdown");
    assert.equal(format(["--output", "a.md"], true), "markdown");
    assert.equal(format(["--format", "json"], true), "json");
  });

  it("is refused with what is allowed", () => {
    assert.throws(
      () => readRequest(["--fail-on", "restarts"], false),
      /--fail-on is restarts; allowed: data\nnpm run review/,
    );
    assert.throws(() => readRequest(["--colour"], false), /Unknown option '--colour'[\s\S]*npm run review/);
  });

  it("takes any number of files", () => {
    assert.deepEqual(readRequest(["a.json", "--fail-on", "data", "b.json", "a.json"], false), {
      files: ["a.json", "b.json"],
      format: "markdown",
      output: undefined,
      failOnData: true,
    });
  });

  it("names environments by their files where two are of one stack", () => {
    const preview = recorded("port");
    const names = (...files: string[]) =>
      apart(files.map((path) => ({ path, preview }))).map(({ environment }) => environment);
    assert.deepEqual(names("one/a.json", "b.json"), ["a", "b"]);
    assert.deepEqual(names("a.json"), ["review"]);
    assert.deepEqual(names("one/a.json", "two/a.json", "b.json"), ["one/a.json", "two/a.json", "b"]);
    const two = ["port", "promotion"].map((name) => ({ path: name, preview: recorded(name) }));
    assert.deepEqual(
      apart(two).map(({ environment }) => environment),
      ["review", "review-next"],
    );
  });
});

describe("The exit code of a review", () => {
  it("is 3 where data is at risk and that was asked for, 1 where a preview failed, else 0", async () => {
    const code = async (failOnData: boolean, ...names: string[]) => exitCode(await review(...names), { failOnData });
    assert.equal(await code(true, "plain-class"), 3);
    assert.equal(await code(false, "plain-class"), 0);
    assert.equal(await code(true, "port"), 0);
    assert.equal(await code(true, "plain-namespace"), 1);
    assert.equal(await code(false, "wrong-setting"), 1);
  });
});

describe("A review in a terminal", () => {
  it("is whole, in colours where it may be", async () => {
    const found = await review("plain-many");
    const plain = asTerminal(found, false);
    assert.match(plain, /^Restarts pods in plain\. 3 changes in 1 environment: /);
    assert.match(plain, /\n {2}Restarts pods\n {4}Deployment all: image /);
    assert.equal(plain.match(/@@ ConfigMap many-/g)?.length, 300);
    assert.ok(!plain.includes(control));
    const coloured = asTerminal(found, true);
    assert.ok(coloured.startsWith(`${control}[`));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ""), plain);
  });

  it("lets no value move the cursor", async () => {
    const found = await review("port");
    const evil = { ...found, failed: [{ environment: "a\u001b[2J", messages: ["b\u001b[2J\nc"] }] };
    assert.ok(!asTerminal(evil, false).includes(control));
  });

  it("says what fails, what stays, and that nothing changes", async () => {
    assert.match(
      asTerminal(await review("storage-shrunk"), false),
      /\nThe preview of review fails\n {2}refused, because/,
    );
    assert.equal(asTerminal(await review("unchanged"), false), "No changes in 1 environment.\n");
    assert.match(asTerminal(await review("unchanged", "promotion"), false), /\nNo changes in review\.\n$/);
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

  it("has what failed and what stays", async () => {
    const json = JSON.parse(asJson(await review("storage-shrunk")));
    assert.equal(json.failed[0].environment, "review");
    assert.match(json.failed[0].messages[0], /^refused/);
    assert.equal(JSON.parse(asJson(await review("unchanged"))).verdict, "No changes in 1 environment.");
  });
});
