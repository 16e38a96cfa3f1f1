import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { down, settingsFor, stackOf, up } from "../../../commands/delivery/pull-request.ts";
import { engineConfig, render } from "../../../commands/environments/render.ts";
import { policyOptions } from "../../../commands/preview/policies.ts";
import { checkSettings } from "../../../settings/load.ts";
import { type StackFile, stackFiles } from "../../../settings/stack-files.ts";
import { SimulatedPrograms } from "./simulated-programs.ts";
import { userError } from "./user-error.ts";

const model = stackFiles().find(({ stack }) => stack === "test")?.config ?? {};

describe("A pull request's environment", () => {
  it("has the settings of test, with a namespace and a host of its own, and without a release", () => {
    const { "slipway:ecr": _, ...rest } = model;
    const { name: __, ...release } = model["slipway:release"];
    assert.deepEqual(settingsFor(12, model), {
      ...rest,
      "slipway:namespace": "noticeboard-pr-12",
      "slipway:release": release,
      "slipway:web": { ...model["slipway:web"], host: "noticeboard-pr-12.test.example.com" },
    });
  });

  it("has settings that the program accepts", () => {
    const { config, encrypted } = engineConfig({ config: settingsFor(12, model) });
    assert.deepEqual(checkSettings(config, encrypted).problems, []);
  });

  it("has nothing that would outlive it, and no node port, which would be test's", () => {
    const { "slipway:database": database, "slipway:web": web } = settingsFor(12, {
      ...model,
      "slipway:web": { port: 8000, nodePort: 30081 },
      "slipway:database": { image: "postgres:17", storage: "5Gi", protect: true, backups: { keep: 7 } },
    });
    assert.deepEqual(database, { image: "postgres:17", storage: "5Gi" });
    assert.deepEqual(web, { port: 8000 });
  });

  it("is refused if test's database is elsewhere, which every pull request would migrate", () => {
    const external = { host: "db.example.com", name: "shop", user: "shop", addresses: ["10.0.0.5/32"] };
    assert.throws(
      () => settingsFor(7, { ...model, "slipway:database": { external } }),
      /external is set in Pulumi\.test\.yaml: every pull request would migrate the database of test/,
    );
  });

  it("serves a process that has a host beside test's, and leaves the others as they are", () => {
    const worker = { command: ["work"] };
    const streaming = { command: ["stream"], port: 9000, host: "stream.test.example.com" };
    const config = settingsFor(12, { ...model, "slipway:processes": { worker, streaming } });
    assert.deepEqual(config["slipway:processes"], {
      worker,
      streaming: { ...streaming, host: "stream-pr-12.test.example.com" },
    });
  });

  it("has no database if test has none", () => {
    const { "slipway:database": _, ...without } = model;
    assert.equal("slipway:database" in settingsFor(12, without), false);
  });

  describe("if test creates its own cluster", () => {
    const eks = {
      account: "111122223333",
      admins: ["arn:aws:iam::111122223333:role/slipway-deploy"],
      accessFrom: ["203.0.113.0/24"],
      domain: "test.example.com",
      natGateways: 3,
    };
    const withEks = (more: object = {}) => ({ ...model, "slipway:cluster": { eks: { ...eks, ...more } } });
    const file = (stack: string, config: StackFile["config"]): StackFile => ({ stack, path: "", text: "", config });
    const kindsOf = async (of: StackFile) => (await render(of)).map(({ kind, name }) => `${kind} ${name}`);

    it("shares that cluster, by the name and with the classes that the program creates", async () => {
      const settings = settingsFor(12, withEks());
      assert.deepEqual(settings["slipway:cluster"], { eks: { account: "111122223333", existing: "slipway-test" } });
      // biome-ignore lint/suspicious/noExplicitAny: objects of any kind
      const made: any[] = await render(file("test", withEks()));
      const nameOf = (kind: string) => made.find((each) => each.kind === kind)?.object;
      assert.equal(nameOf("aws Cluster").name, settings["slipway:cluster"].eks.existing);
      assert.equal(nameOf("StorageClass").metadata.name, settings["slipway:database"].storageClass);
      assert.equal(nameOf("IngressClass").metadata.name, settings["slipway:web"].ingressClass);
    });

    it("creates nothing in AWS, and has settings that the program accepts", async () => {
      const settings = settingsFor(12, withEks());
      const { config, encrypted } = engineConfig({ config: settings });
      assert.deepEqual(checkSettings(config, encrypted).problems, []);
      const kinds = await kindsOf(file("pr-12", settings));
      assert.ok(kinds.includes("Deployment web") && kinds.includes("Ingress web"));
      assert.deepEqual(
        kinds.filter((kind) => /^aws (?!provider)|StorageClass|IngressClass/.test(kind)),
        [],
      );
    });

    it("keeps names that test sets, and a cluster that test shares already", () => {
      const named = settingsFor(12, {
        ...withEks({ name: "shop" }),
        "slipway:web": { ...model["slipway:web"], ingressClass: "nginx" },
        "slipway:database": { ...model["slipway:database"], storageClass: "fast" },
      });
      assert.equal(named["slipway:cluster"].eks.existing, "shop");
      assert.equal(named["slipway:web"].ingressClass, "nginx");
      assert.equal(named["slipway:database"].storageClass, "fast");
      const existing = { ...model, "slipway:cluster": { eks: { account: "111122223333", existing: "shared" } } };
      const { "slipway:cluster": cluster, "slipway:database": database } = settingsFor(12, existing);
      assert.deepEqual([cluster, database], [existing["slipway:cluster"], model["slipway:database"]]);
    });

    it("sets no ingress class if the cluster has no edge", () => {
      const { domain: _, ...closed } = eks;
      const settings = settingsFor(12, { ...model, "slipway:cluster": { eks: closed } });
      assert.equal("ingressClass" in settings["slipway:web"], false);
    });
  });

  describe("as a stack", () => {
    let programs: SimulatedPrograms;
    const { GITHUB_OUTPUT: outputs } = process.env;
    const folder = process.cwd();
    beforeEach(() => {
      programs = new SimulatedPrograms();
      process.chdir(programs.folder);
      process.env.GITHUB_OUTPUT = programs.file("outputs", "");
      programs.file("Pulumi.test.yaml", stringify({ secretsprovider: "awskms://key", config: model }));
      // pulumi itself would write this file.
      programs.file("Pulumi.pr-12.yaml", stringify({ encryptedkey: "another", config: model }));
      programs.program("aws", [{ when: "ecr get-login-password*", print: "the token" }]);
      programs.program("docker", [{ when: "login*" }]);
    });
    afterEach(() => {
      process.chdir(folder);
      if (outputs === undefined) delete process.env.GITHUB_OUTPUT;
      else process.env.GITHUB_OUTPUT = outputs;
      programs.remove();
    });
    const calls = () => programs.calls("pulumi").map(({ args }) => args.join(" "));

    it("is created with the model's key and secrets, and sets its URL as an output of the step", async () => {
      programs.program("pulumi", [
        { when: "stack output --json*", print: '{"url": "https://there", "image": "i"}' },
        { when: "stack select*" },
        { when: "config cp*" },
        { when: "up*" },
      ]);
      assert.equal(await up(12), 0);
      assert.deepEqual(calls(), [
        "stack select --create pr-12 --secrets-provider awskms://key --non-interactive",
        "config cp --stack test --dest pr-12 --non-interactive",
        `up --yes --skip-preview --non-interactive --stack pr-12 ${policyOptions().join(" ")}`,
        "stack output --json --stack pr-12 --non-interactive",
      ]);
      const { encryptedkey, config } = parse(readFileSync("Pulumi.pr-12.yaml", "utf8"));
      assert.deepEqual([encryptedkey, config], ["another", settingsFor(12, model)]);
      assert.equal(readFileSync("outputs", "utf8"), "url=https://there\n");
      // The build pushes to test's repository, for which the stack itself has no login.
      const host = "111122223333.dkr.ecr.eu-north-1.amazonaws.com";
      assert.deepEqual(programs.calls("docker"), [
        { args: ["login", "--username", "AWS", "--password-stdin", host], input: "the token" },
      ]);
      assert.deepEqual(programs.calls("aws")[0]?.args, ["ecr", "get-login-password", "--region", "eu-north-1"]);
    });

    it("is not created if the login to the registry fails", async () => {
      programs.program("docker", [{ when: "login*", code: 1 }]);
      programs.program("pulumi", [{ when: "stack select*" }, { when: "config cp*" }]);
      assert.match(await userError(() => up(12)), /docker login --username AWS --password-stdin 1111.* failed/);
      assert.ok(calls().every((call) => !call.startsWith("up")));
    });

    it("needs no login if the registry is not Amazon's", async () => {
      const release = { ...model["slipway:release"], repository: "registry.example.com/team/app" };
      programs.file("Pulumi.pr-12.yaml", stringify({ config: { ...model, "slipway:release": release } }));
      programs.program("pulumi", [{ when: "*" }]);
      delete process.env.GITHUB_OUTPUT;
      assert.equal(await up(12), 0);
      assert.deepEqual([programs.calls("aws"), programs.calls("docker")], [[], []]);
    });

    it("returns the exit code of a failed update, and sets no URL", async () => {
      programs.program("pulumi", [{ when: "stack select*" }, { when: "config cp*" }, { when: "up*", code: 7 }]);
      assert.equal(await up(12), 7);
      assert.equal(readFileSync("outputs", "utf8"), "");
    });

    it("is destroyed with its stack; the stack stays if that fails", async () => {
      const stacks = JSON.stringify([{ name: "test" }, { name: stackOf(12) }]);
      const listed = { when: "stack ls*", print: stacks };
      programs.program("pulumi", [listed, { when: "destroy*" }, { when: "stack rm*" }]);
      assert.equal(await down(12), 0);
      const destroy = "destroy --yes --skip-preview --non-interactive --stack pr-12";
      assert.deepEqual(calls().slice(1), [destroy, "stack rm --yes --stack pr-12"]);
      programs.program("pulumi", [listed, { when: "destroy*", code: 7 }]);
      assert.equal(await down(12), 7);
      assert.deepEqual(calls().slice(4), [destroy]);
    });

    it("is not confused with those of other pull requests if it does not exist", async () => {
      programs.program("pulumi", [{ when: "stack ls*", print: '[{"name": "pr-1"}, {"name": "pr-123"}]' }]);
      assert.equal(await down(12), 0);
      assert.equal(calls().length, 1);
    });

    it("reports the error of pulumi", async () => {
      programs.program("pulumi", []);
      assert.match(await userError(up(12)), /pulumi stack select --create pr-12.* failed:\npulumi: unexpected/);
    });
  });
});
