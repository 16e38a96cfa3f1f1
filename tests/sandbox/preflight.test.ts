import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { occupied, parseListeners } from "../../sandbox/listeners.ts";
import { type Machine, obstacles, sandboxParts, unsupported } from "../../sandbox/preflight.ts";

const good: Machine = {
  userId: 0,
  hasApt: true,
  sandboxFolder: "/srv/slipway/.sandbox",
  fileSystem: "other",
  freeDiskBytes: 50e9,
  availableMemoryBytes: 8e9,
  toCompile: ["kubernetes"],
  goVersion: "1.26.8",
  takenPorts: [],
};

describe("Preflight", () => {
  it("refuses another operating system or processor, with the remedy", () => {
    assert.deepEqual(unsupported("linux", "x64"), []);
    assert.match(unsupported("darwin", "x64").join(), /not on darwin on x64: use a virtual machine/);
    assert.match(unsupported("linux", "arm64").join(), /not on linux on arm64: use a virtual machine/);
  });

  it("accepts a machine that has everything", () => {
    assert.deepEqual(obstacles(good), []);
  });

  const refusals: [string, Partial<Machine>, RegExp][] = [
    ["a machine without apt", { hasApt: false }, /no apt-get/],
    ["a user who is not root", { userId: 1000 }, /Not root.*sudo/],
    ["a missing Go", { goVersion: undefined }, /no Go, and kubernetes must be compiled: install Go 1\.26\.8/],
    ["an old Go", { goVersion: "1.25.4" }, /Go 1\.25\.4 is too old/],
    ["a full disk", { freeDiskBytes: 19e9 }, /Only 19\.0 GB of disk.*20\.0 GB are needed, mostly for compiling/],
    ["too little memory", { availableMemoryBytes: 3e9 }, /Only 3\.0 GB of memory.*4\.0 GB/],
    ["an overlay file system", { fileSystem: "overlay" }, /overlay file system/],
    ["a path too long for sockets", { sandboxFolder: `/${"a".repeat(70)}/.sandbox` }, /too long for the sockets/],
    [
      "a taken port",
      { takenPorts: [{ port: 5000, neededBy: "registry", process: { pid: 77, command: "nginx -g" } }] },
      /Port 5000, which registry needs, is taken by process 77 \(nginx -g\): stop it, for example with "kill 77"/,
    ],
    [
      "a port taken by an unknown process",
      { takenPorts: [{ port: 6443, neededBy: "apiServer" }] },
      /Port 6443.*a process that cannot be seen/,
    ],
  ];
  for (const [what, difference, text] of refusals) {
    it(`refuses ${what}, with the remedy`, () => {
      const problems = obstacles({ ...good, ...difference });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", text);
    });
  }

  it("reports all problems at once, a line each", () => {
    const problems = obstacles({ ...good, userId: 1000, freeDiskBytes: 0, availableMemoryBytes: 0, hasApt: false });
    assert.equal(problems.length, 4);
    assert.ok(problems.every((line) => !line.includes("\n")));
  });

  it("requires neither Go nor a compiler's disk and memory if everything is compiled", () => {
    const compiled = { ...good, toCompile: [], goVersion: undefined, freeDiskBytes: 6e9, availableMemoryBytes: 3e9 };
    assert.deepEqual(obstacles(compiled), []);
  });

  it("requires syft only if releases get names", () => {
    const names = (named: boolean) => sandboxParts(named, "/nowhere").map(({ name }) => name);
    assert.ok(!names(false).includes("syft"));
    assert.deepEqual(names(true), [...names(false), "syft"]);
  });
});

describe("Taken ports", () => {
  it("are those of listening sockets in the kernel's table", () => {
    const table = [
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
      "   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0",
      "   1: 0100007F:1388 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0 20 4 30 10 -1",
      "",
    ].join("\n");
    assert.deepEqual(parseListeners(table), [{ port: 5000, inode: "4242" }]);
  });

  it("are reported with the process that has them", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      assert.deepEqual(occupied([port]), [{ port, pid: process.pid }]);
    } finally {
      server.close();
    }
  });
});
