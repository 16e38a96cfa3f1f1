import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { occupied } from "../../sandbox/listeners.ts";
import { processesWith, serviceMark } from "../../sandbox/ownership.ts";
import { cluster, paths, ports } from "../../sandbox/paths.ts";
import { command, run, scriptOf, succeed, terminal } from "./sandbox-command.ts";

const url = `http://localhost:${ports.application}`;

const messages = async () => (await fetch(`${url}/api/messages?limit=100`)).text();

/** Everything that a sandbox has besides its files. */
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

describe("The sandbox, when it is stopped or interrupted", () => {
  const stackFiles = () => readdirSync(".").filter((name) => name.startsWith("Pulumi."));
  const committed = stackFiles().map((name) => readFileSync(name, "utf8"));
  let firstMessage = "";

  it("prints at the end the address of the application, its first message, and further commands", async () => {
    const output = await succeed("up");
    const [, address, message] = /served at (\S+); it has kept and shown this message: "(.*)"/.exec(output) ?? [];
    assert.equal(address, url);
    firstMessage = message ?? "";
    assert.ok((await messages()).includes(firstMessage) && firstMessage !== "");
    for (const further of ["kubectl get pods", "pulumi stack -s dev", "npm run status", paths.log, "npm run down"])
      assert.ok(output.includes(further), further);
  });

  it("leaves the committed stack files as they are", () => {
    assert.deepEqual(
      stackFiles().map((name) => readFileSync(name, "utf8")),
      committed,
    );
  });

  it("leaves nothing running, mounted or on the network after `down`, and does not stop other processes", async () => {
    const bystander = spawn("sleep", ["120"]);
    try {
      await succeed("down");
      assert.deepEqual(await remains(), { processes: [], ports: [], mounts: [], rules: [], sets: [], bridge: false });
      assert.equal(bystander.exitCode ?? bystander.signalCode, null);
    } finally {
      bystander.kill();
    }
  });

  it("has all of its data after the next `up`", async () => {
    await succeed("up");
    assert.ok((await messages()).includes(firstMessage));
  });

  for (const [condition, moment, signal] of [
    ["while the cluster starts", /etcd: started/, "SIGKILL"],
    ["while it deploys, with Ctrl-C", /Updating \(dev\)/, "SIGINT"],
    ["while it deploys", /Updating \(dev\)/, "SIGKILL"],
  ] as const)
    it(`is complete after the next \`up\` if another was ended ${condition}`, async () => {
      await command("down");
      // A process group, as in a terminal: Ctrl-C reaches all processes that it has started.
      const child = spawn("node", [scriptOf("up")], { env: terminal(), detached: true });
      let output = "";
      let isSent = false;
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (text) => {
          output += text;
          if (isSent || !moment.test(output)) return;
          isSent = true;
          process.kill(signal === "SIGINT" ? -Number(child.pid) : Number(child.pid), signal);
        });
      const [code] = await once(child, "exit");
      assert.ok(isSent && code !== 0, output);
      await succeed("up");
      assert.ok((await messages()).includes(firstMessage));
    });
});
