import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "yaml";
import { attempt, run } from "../../sandbox/command.ts";
import { environment, repository } from "../../sandbox/paths.ts";
import { TemporaryFolders } from "./temporary-folders.ts";

describe("Stacks with their state in AWS, created by cloud/stacks", () => {
  const folders = new TemporaryFolders();
  const folder = folders.make();
  const files = ["Pulumi.yaml", "startup/lazy-sdk.ts", "Pulumi.staging.yaml", "Pulumi.prod.yaml", "cloud/stacks"];
  let aws: ChildProcess;
  let env: Record<string, string>;
  let simulated: { endpoint: string; bucket: string; key: string };

  const stacks = (...args: string[]) => attempt(["cloud/stacks", ...args], { cwd: folder, env });
  const stackFile = (stack: string) => readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8");
  const password = (stack: string) =>
    run(["pulumi", "config", "get", "--stack", stack, "databasePassword"], { cwd: folder, env });

  before(async () => {
    if (!existsSync("cloud/.venv/made-from")) await run(["npm", "run", "--silent", "cloud"]);
    for (const file of files) cpSync(join(repository, file), join(folder, file));
    aws = spawn("cloud/.venv/bin/python", ["tests/e2e/state-in-aws.py"], { stdio: ["pipe", "pipe", "inherit"] });
    assert.ok(aws.stdout);
    for await (const line of createInterface(aws.stdout)) {
      simulated = JSON.parse(line);
      break;
    }
    env = {
      ...environment(),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: "",
      AWS_ENDPOINT_URL: simulated.endpoint,
      AWS_ACCESS_KEY_ID: "testing",
      AWS_SECRET_ACCESS_KEY: "testing",
    };
  });

  after(() => {
    aws?.stdin?.end();
    folders.removeAll();
  });

  it("have their state in the bucket, and secrets that only the key of the template decrypts", async () => {
    const created = await stacks(simulated.bucket, simulated.key, "staging", "prod");
    assert.equal(created.code, 0, created.stderr);
    const listed = await run(["pulumi", "stack", "ls", "--json"], { cwd: folder, env });
    const names = JSON.parse(listed).map(({ name }: { name: string }) => name);
    assert.deepEqual(names.sort(), ["prod", "staging"]);
    for (const stack of names) {
      const text = stackFile(stack);
      assert.ok(
        text.includes(`secretsprovider: awskms:///${simulated.key}?region=eu-north-1&context_stack=${stack}\n`),
      );
      assert.match(text, /slipway:databasePassword:\n +secure: v1:/);
      const open = (await password(stack)).trim();
      assert.match(open, /^[A-Za-z0-9+/]{32}$/);
      assert.ok(!text.includes(open) && !`${created.stdout}${created.stderr}`.includes(open));
    }
    assert.notEqual(await password("staging"), await password("prod"));
  });

  it("have secrets that the key decrypts only for the stack of that name", async () => {
    const file = join(folder, "Pulumi.prod.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("context_stack=prod", "context_stack=staging"));
    await assert.rejects(password("prod"), /InvalidCiphertextException/);
    writeFileSync(file, text);
    assert.match(await password("prod"), /^[A-Za-z0-9+/]{32}$/m);
  });

  it("are updated by writing only what the role of the environment may write", async () => {
    writeFileSync(join(folder, "index.ts"), "export const written = 1;\n");
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
    symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
    await run(["pulumi", "up", "--yes", "--skip-preview", "--stack", "staging"], { cwd: folder, env });
    const listed = await (await fetch(`${simulated.endpoint}/${simulated.bucket}?versions`)).text();
    const written = [...new Set([...listed.matchAll(/<Key>([^<]*staging[^<]*)<\/Key>/g)].map(([, key]) => key ?? ""))];
    for (const kind of ["stacks", "history", "locks"])
      assert.ok(
        written.some((key) => key.startsWith(`.pulumi/${kind}/`)),
        `${kind} among ${written}`,
      );
    const { Statement } = parse(readFileSync("cloud/deploy-role.yaml", "utf8")).Resources.State.Properties
      .PolicyDocument;
    const { Resource } = Statement.find(({ Sid }: { Sid?: string }) => Sid === "ItsOwnIsWritten");
    const mayBeWritten = (stack: string): RegExp[] =>
      Resource.map(({ "Fn::Sub": arn }: { "Fn::Sub": string }) => {
        const path = arn.replace(`arn:aws:s3:::\${StateBucket}/`, "").replace(`\${Environment}`, stack);
        return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
      });
    const beyond = (stack: string) => written.filter((key) => !mayBeWritten(stack).some((one) => one.test(key)));
    assert.deepEqual(beyond("staging"), []);
    assert.deepEqual(beyond("prod"), written);
  });

  it("stay as they are if cloud/stacks runs again", async () => {
    const before = [stackFile("staging"), stackFile("prod")];
    assert.ok(before.every((text) => text.includes("databasePassword")));
    const again = await stacks(simulated.bucket, simulated.key, "staging", "prod");
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual([stackFile("staging"), stackFile("prod")], before);
  });

  for (const [key, stack, message] of [
    ["alias/slipway", "staging", /alias\/slipway is no ARN of a key, as in arn:aws:kms:.*output KeyArn/],
    [undefined, "qa", /there is no Pulumi\.qa\.yaml/],
  ] as const)
    it(`are not created with the invalid argument ${key ?? stack}`, async () => {
      const { code, stderr } = await stacks(simulated.bucket, key ?? simulated.key, stack);
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
});
