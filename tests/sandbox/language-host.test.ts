import assert from "node:assert/strict";
import { pluginCommand } from "../../sandbox/language-host/plugin.ts";
import { type ProgramRequest, programCommand } from "../../sandbox/language-host/program-command.ts";

const request: ProgramRequest = {
  project: "slipway",
  stack: "dev",
  organization: "organization",
  pwd: "/srv/app",
  program: "/srv/app",
  argsList: [],
  configMap: [["slipway:namespace", "app"]],
  configsecretkeysList: ["slipway:databasePassword"],
  dryrun: true,
  parallel: 8,
  monitorAddress: "127.0.0.1:1",
  info: {
    rootDirectory: "/srv/app",
    programDirectory: "/srv/app",
    entryPoint: "index.ts",
    options: { fieldsMap: [["typescript", { boolValue: false }]] },
  },
};

const find = (folder: string) => `${folder}/run.js`;

describe("The language host", () => {
  it("starts the SDK of the program's own folder with the engine's options", () => {
    assert.deepEqual(programCommand(request, "127.0.0.1:2", find), {
      argv: [
        "/srv/app/run.js",
        ...["--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2", "--organization", "organization"],
        ...["--project", "slipway", "--stack", "dev", "--pwd", "/srv/app", "--root-directory", "/srv/app"],
        ...["--parallel", "8", "--dry-run", "index.ts"],
      ],
      env: {
        PULUMI_CONFIG: '{"slipway:namespace":"app"}',
        PULUMI_CONFIG_SECRET_KEYS: '["slipway:databasePassword"]',
        PULUMI_NODEJS_TYPESCRIPT: "false",
      },
    });
  });

  it("passes --dry-run only for a preview", () => {
    assert.ok(!programCommand({ ...request, dryrun: false }, "", find).argv.includes("--dry-run"));
  });

  it("passes the project's arguments for Node, and enables TypeScript by default, as the official host does", () => {
    const info = {
      ...request.info,
      rootDirectory: "",
      programDirectory: "/srv/app",
      entryPoint: "index.ts",
      options: { fieldsMap: [["nodeargs", { stringValue: "--import  tsx" }] as const] },
    };
    const { argv, env } = programCommand({ ...request, info }, "", find);
    assert.deepEqual(argv.slice(0, 3), ["--import", "tsx", "/srv/app/run.js"]);
    assert.equal(env.PULUMI_NODEJS_TYPESCRIPT, "true");
  });

  describe("running a plugin from its folder", () => {
    const plugin = { pwd: "/srv/app", argsList: ["127.0.0.1:2"], envList: ["A=b=c", "EMPTY="] };
    const findStarter = (folder: string, starter: string) => `${folder}/${starter}.js`;

    it("starts a policy pack with the SDK of its own folder, in that folder, with only the engine's variables", () => {
      const pack = { ...plugin, kind: "analyzer", info: { programDirectory: "/srv/policy" } };
      assert.deepEqual(pluginCommand(pack, findStarter), {
        argv: ["/srv/policy/run-policy-pack.js", "127.0.0.1:2", "/srv/policy"],
        env: { A: "b=c", EMPTY: "" },
        cwd: "/srv/policy",
      });
    });

    it("starts a package with the SDK of its own folder, in the folder of the program that uses it", () => {
      const components = { ...plugin, kind: "resource", info: { programDirectory: "/srv/plugin" } };
      assert.deepEqual(pluginCommand(components, findStarter), {
        argv: ["/srv/plugin/run-plugin.js", "/srv/plugin", "127.0.0.1:2"],
        env: { A: "b=c", EMPTY: "" },
        cwd: "/srv/app",
      });
    });
  });
});
