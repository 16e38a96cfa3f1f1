import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { occupied } from "../../sandbox/listeners.ts";
import { processesWith, serviceMark } from "../../sandbox/ownership.ts";
import { cluster, paths, ports } from "../../sandbox/paths.ts";
import { command, run, scriptOf, terminal } from "./sandbox-command.ts";

const url = `http://localhost:${ports.application}`;

/** Brings the sandbox up; all that it says. @throws where that fails */
async function up(): Promise<string> {
  const { code, stdout, stderr } = await command("up");
  assert.equal(code, 0, stdout + stderr);
  return stdout;
}

const messages = async () => (await fetch(`${url}/api/messages?limit=100`)).text();

/** All that a sandbox has besides its files. */
async function remains() {
  const sets = await run("ipset", ["list", "-name"]);
  const rules = await Promise.all(["iptables-save", "ip6tables-save"].map((program) => run(program, [])));
  return {
    processes: processesWith(serviceMark),
    ports: occupied(Object.values(ports)),
    mounts: readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .filter((line) => line.includes(paths.root)),
    rules: rules.flatMap(({ stdout }) => stdout.split("\n").filter((line) => /KUBE-|slipway-sandbox/.test(line))),
    sets: sets.stdout.split("\n").filter((line) => /KUBE-|^TMP-/.test(line)),
    bridge: existsSync(`/sys/class/net/${cluster.bridge}`),
  };
}

describe("The sandbox, stopped and interrupted", () => {
  const stackFiles = () => readdirSync(".").filter((name) => name.startsWith("Pulumi."));
  const committed = stackFiles().map((name) => readFileSync(name, "utf8"));
  let kept = "";

  it("says at its end where the application is served, what it has kept, and how to look further", async () => {
    const said = await up();
    const [, address, message] = /served at (\S+); it has kept and shown this message: "(.*)"/.exec(said) ?? [];
    assert.equal(address, url);
    kept = message ?? "";
    assert.ok((await messages()).includes(kept) && kept !== "");
    for (const further of ["kubectl get pods", "pulumi stack -s dev", "npm run status", paths.log, "npm run down"])
      assert.ok(said.includes(further), further);
  });

  it("leaves the committed stack files as they are", () => {
    assert.deepEqual(
      stackFiles().map((name) => readFileSync(name, "utf8")),
      committed,
    );
  });

  it("leaves nothing running, mounted or on the network once it is stopped, and what is not its own alone", async () => {
    const bystander = spawn("sleep", ["120"]);
    try {
      const { code, stdout, stderr } = await command("down");
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(await remains(), { processes: [], ports: [], mounts: [], rules: [], sets: [], bridge: false });
      assert.equal(bystander.exitCode ?? bystander.signalCode, null);
    } finally {
      bystander.kill();
    }
  });

  it("has all of its data when it is started again", async () => {
    await up();
    assert.ok((await messages()).includes(kept));
  });

  for (const [when, moment, signal] of [
    ["while the cluster starts", /etcd: started/, "SIGKILL"],
    ["while it deploys, with Ctrl-C", /Updating \(dev\)/, "SIGINT"],
    ["while it deploys", /Updating \(dev\)/, "SIGKILL"],
  ] as const)
    it(`is whole again with the next \`up\` where one was ended ${when}`, async () => {
      await command("down");
      // A group of its own, as a terminal has it: Ctrl-C reaches all that it has started.
      const child = spawn("node", [scriptOf("up")], { env: terminal(), detached: true });
      let said = "";
      let isSent = false;
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (text) => {
          said += text;
          if (isSent || !moment.test(said)) return;
          isSent = true;
          process.kill(signal === "SIGINT" ? -Number(child.pid) : Number(child.pid), signal);
        });
      const [code] = await once(child, "exit");
      assert.ok(isSent && code !== 0, said);
      await up();
      assert.ok((await messages()).includes(kept));
    });
});
