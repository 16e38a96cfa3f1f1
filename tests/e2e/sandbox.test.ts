import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { attempt } from "../../sandbox/command.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { cluster, environment, paths, repository } from "../../sandbox/paths.ts";
import { kubectl } from "../../sandbox/probes.ts";
import { command, run, succeed } from "./sandbox-command.ts";
import { TemporaryFolders } from "./temporary-folders.ts";

const pidOf = (service: string): number => JSON.parse(readFileSync(join(paths.run, `${service}.pid`), "utf8")).pid;

describe("The sandbox", () => {
  const folders = new TemporaryFolders();
  after(folders.removeAll);

  const up = () => succeed("up", "--cluster");

  it("has nothing to start the second time", async () => {
    const before = ["etcd", "kubelet", "containerd", "registry"].map(pidOf);
    const stdout = await up();
    assert.doesNotMatch(stdout, /: started/);
    assert.deepEqual(["etcd", "kubelet", "containerd", "registry"].map(pidOf), before);
  });

  it("refuses a second `up` at the same time, and names the first one's process", async () => {
    const results = await Promise.all([command("up", "--cluster"), command("up", "--cluster")]);
    const codes = results.map(({ code }) => code).sort();
    const refusals = results.filter(({ code }) => code !== 0);
    assert.deepEqual(codes, [0, 1]);
    assert.match(refusals[0]?.stderr ?? "", /"npm run up" is running already \(process \d+\)/);
  });

  it("shows a service that died, and starts it again with the next `up`", async () => {
    process.kill(pidOf("kube-scheduler"), "SIGKILL");
    const status = await command("status");
    assert.equal(status.code, 1);
    assert.match(status.stdout, /kube-scheduler\s+ended/);
    assert.match(await up(), /kube-scheduler: started again/);
    await succeed("status");
  });

  it("ends without an error message if nobody reads its output any more", async () => {
    const status = `node ${join(repository, "sandbox", "status.ts")}`;
    const { stdout, stderr } = await run("bash", ["-c", `${status} | true; echo \${PIPESTATUS[0]}`]);
    assert.deepEqual([stdout, stderr], ["141\n", ""]);
  });

  it("runs pulumi without a debug log and without a warning about it", async () => {
    const { code, stderr } = await attempt(["pulumi", "stack", "ls"], { cwd: repository, env: environment() });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.ok(statSync(join(paths.pulumiHome, "logs")).isFile());
  });

  it("removes the network that another checkout left behind", async () => {
    const link = (...args: string[]) => run("ip", ["link", ...args]);
    try {
      await link("set", cluster.bridge, "alias", "/elsewhere/.sandbox 1");
      await link("add", "leftpod", "type", "veth", "peer", "name", "leftpeer");
      assert.equal((await link("set", "leftpod", "master", cluster.bridge, "up")).code, 0);
      const stdout = await up();
      assert.match(stdout, /the network that \/elsewhere\/\.sandbox left behind is removed/);
      assert.doesNotMatch((await link("show", "master", cluster.bridge)).stdout, /leftpod/);
      await succeed("status");
      assert.doesNotMatch(await up(), /left behind|: started/);
    } finally {
      await link("delete", "leftpod");
    }
  });

  it("creates the network of its pods again if it is gone", async () => {
    const pod = ["pod", "reached"];
    const httpd = [`--image=${cluster.registry}/library/busybox:1`, "--command", "--", "httpd", "-f", "-p", "8080"];
    try {
      assert.equal((await kubectl(["run", "reached", ...httpd])).code, 0);
      await kubectl(["wait", "--for=condition=Ready", "--timeout=30s", ...pod]);
      assert.equal((await run("ip", ["link", "delete", cluster.bridge])).code, 0);
      const stdout = await up();
      assert.match(stdout, /the network is gone; everything is restarted/);
      await succeed("status");
      const answer = await eventually(async () => {
        const { stdout: address } = await kubectl(["get", ...pod, "-o", "jsonpath={.status.podIP}"]);
        return fetch(`http://${address}:8080/`, { signal: AbortSignal.timeout(1000) });
      }, 30);
      assert.equal(answer.status, 404);
    } finally {
      await kubectl(["delete", ...pod, "--now", "--ignore-not-found"]);
    }
  });

  it("refuses connections to unused addresses of Services, instead of forwarding them", async () => {
    const [network] = cluster.serviceRange.split("/");
    const unused = (network ?? "").replace(/0\.0$/, "255.254");
    const socket = connect({ host: unused, port: 443, timeout: 3000 });
    socket.on("timeout", () => socket.destroy(new Error("no answer")));
    try {
      await assert.rejects(once(socket, "connect"), { code: "ECONNREFUSED" });
    } finally {
      socket.destroy();
    }
  });

  it("keeps its network if the dead sandbox of another checkout is stopped and purged", async () => {
    const checkout = folders.make();
    // What `down` imports besides the sandbox's own modules.
    for (const folder of ["sandbox", "settings", "commands", "image", "registry"])
      cpSync(join(repository, folder), join(checkout, folder), { recursive: true });
    cpSync(join(repository, "package.json"), join(checkout, "package.json"));
    symlinkSync(join(repository, "node_modules"), join(checkout, "node_modules"));
    for (const folder of ["data/volumes", "state", "certificates", "log", "environments", "bin"])
      mkdirSync(join(checkout, ".sandbox", folder), { recursive: true });
    // The other one had a network before this one replaced it.
    writeFileSync(join(checkout, ".sandbox", "kernel-settings.json"), "{}");
    // A bridge that was created again has another number.
    const network = () => readFileSync(`/sys/class/net/${cluster.bridge}/ifindex`, "utf8");
    const before = network();
    const { code, stdout, stderr } = await run("node", [join(checkout, "sandbox", "down.ts"), "--purge"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /stopped/);
    assert.equal(network(), before);
    // The kernel's settings are not restored while another sandbox needs its own.
    assert.deepEqual(readdirSync(join(checkout, ".sandbox")).sort(), ["bin", "kernel-settings.json"]);
  });

  it("names a port that another program uses", async () => {
    const { code, stderr } = await run("sh", [
      "-c",
      "kill -9 $0; sleep 0.2; python3 -m http.server 10259 >/dev/null 2>&1 & taken=$!; sleep 1; node $1 --cluster; code=$?; kill $taken; exit $code",
      String(pidOf("kube-scheduler")),
      join(repository, "sandbox", "up.ts"),
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /10259/);
    assert.match(stderr, /nothing was changed/);
    await up();
  });
});
