import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkReachable } from "../../preflight/reachability.ts";

const nearAt = (port: number) =>
  `contexts: [{name: near, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: "https://127.0.0.1:${port}"}}]\n`;

/** A registry that has one image, a cluster that only listens, a builder that does not. */
describe("Reachability", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-reach-"));
  const servers: Server[] = [];
  let open = 0;
  const closed = 1; // tcpmux: nobody listens there

  before(async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/v2/shop/manifests/pushed" ? 200 : 404;
      response.end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open = (server.address() as AddressInfo).port;
    mkdirSync(join(folder, "instances"));
    writeFileSync(join(folder, "current"), JSON.stringify({ Name: "far" }));
    const nodes = [{ Endpoint: `unix://${folder}/buildkitd.sock` }];
    writeFileSync(join(folder, "instances", "far"), JSON.stringify({ Driver: "remote", Nodes: nodes }));
  });

  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  const check = (
    ports: { cluster: number; registry: number },
    key: string,
    { context = "near", name, path }: { context?: string; name?: string; path?: string } = {},
  ) => {
    writeFileSync(join(folder, "kubeconfig"), nearAt(ports.cluster));
    const build = { context: "app", dockerfile: "Dockerfile", args: {}, platforms: ["linux/amd64"] };
    const release = { repository: `127.0.0.1:${ports.registry}/shop`, name, build };
    const env = { PATH: path, KUBECONFIG: join(folder, "kubeconfig"), BUILDX_CONFIG: folder };
    return checkReachable({ cluster: { context }, release }, key, env);
  };

  it("is content where everything answers, and needs no builder for an image that is pushed already", async () => {
    await check({ cluster: open, registry: open }, "pushed");
  });

  it("names the builder, where one is needed", async () => {
    await assert.rejects(check({ cluster: open, registry: open }, "new"), (error: Error) => {
      assert.match(error.message, /builder far at .*buildkitd\.sock: no such socket\n {4}start its buildkitd/);
      assert.doesNotMatch(error.message, /registry|cluster/);
      return true;
    });
  });

  it("names everything that is out of reach at once, with its address and what to start", async () => {
    await assert.rejects(check({ cluster: closed, registry: closed }, "new"), (error: Error) => {
      assert.match(error.message, /^out of reach; nothing was changed/);
      assert.match(error.message, /cluster near at 127\.0\.0\.1:1: connection refused\n.*npm run up/);
      assert.match(error.message, /registry at 127\.0\.0\.1:1: connection refused\n.*slipway:release\.repository/);
      assert.match(error.message, /builder far/);
      return true;
    });
  });

  it("names a context that the kubeconfig does not have, and those that it has", async () => {
    await assert.rejects(
      check({ cluster: open, registry: open }, "pushed", { context: "far" }),
      /context is far, .*kubeconfig does not have \(it has: near\)/,
    );
  });

  it("names the program that lists what is in a release, where it is missing and needed", async () => {
    const both = { cluster: open, registry: open };
    writeFileSync(join(folder, "syft"), "");
    const path = `/nowhere:${folder}`;
    await assert.rejects(check(both, "pushed", { name: "v1.1", path: "/nowhere" }), (error: Error) => {
      assert.match(
        error.message,
        /^out of reach; nothing was changed\.\n\n {2}syft, which lists what is in v1\.1: not on the PATH\n/,
      );
      assert.match(
        error.message,
        /install it \(https:\/\/github\.com\/anchore\/syft#installation\); in the sandbox: npm run syft\n$/,
      );
      return true;
    });
    await check(both, "pushed", { name: "v1.1", path });
    await check(both, "pushed", { name: "pushed", path: "/nowhere" });
    await check(both, "pushed", { path: "/nowhere" });
  });

  it("asks nothing of a builder that is the container engine's own", async () => {
    const release = {
      repository: `127.0.0.1:${open}/shop`,
      build: { context: "app", dockerfile: "Dockerfile", args: {}, platforms: [] },
    };
    writeFileSync(join(folder, "kubeconfig"), nearAt(open));
    const env = { KUBECONFIG: join(folder, "kubeconfig"), BUILDX_CONFIG: join(folder, "none") };
    await checkReachable({ cluster: { context: "near" }, release }, "new", env);
  });

  it("looks for a registry without a port at 443, and for a remote builder at its address", async () => {
    writeFileSync(
      join(folder, "instances", "tcp"),
      JSON.stringify({ Driver: "remote", Nodes: [{ Endpoint: "tcp://127.0.0.1:1" }] }),
    );
    writeFileSync(join(folder, "kubeconfig"), nearAt(open));
    const build = { context: "app", dockerfile: "Dockerfile", args: {}, platforms: [], builder: "tcp" };
    const cluster = { context: "near", kubeconfig: join(folder, "kubeconfig") };
    const release = { repository: "registry.invalid/shop", build };
    await assert.rejects(checkReachable({ cluster, release }, "new", { BUILDX_CONFIG: folder }), (error: Error) => {
      assert.match(error.message, /registry at registry\.invalid:443: /);
      assert.match(error.message, /builder tcp at 127\.0\.0\.1:1: connection refused/);
      return true;
    });
  });

  it("leaves the ways alone that it cannot try: a builder in a container, a cluster behind a proxy", async () => {
    const instance = (endpoint: string) => JSON.stringify({ Driver: "remote", Nodes: [{ Endpoint: endpoint }] });
    const kubeconfig = join(folder, "behind-a-proxy");
    const release = { repository: `127.0.0.1:${open}/shop`, build: { context: "app", builder: "inside" } };
    writeFileSync(kubeconfig, `${nearAt(closed).trimEnd().slice(0, -3)}, proxy-url: "http://127.0.0.1:1"}}]\n`);
    for (const endpoint of ["docker-container://buildkitd", "kube-pod://buildkitd"]) {
      writeFileSync(join(folder, "instances", "inside"), instance(endpoint));
      await checkReachable({ cluster: { context: "near", kubeconfig }, release }, "new", { BUILDX_CONFIG: folder });
    }
  });

  it("looks for the builder where docker keeps its own files", async () => {
    const release = { repository: `127.0.0.1:${open}/shop`, build: { context: "app" } };
    const docker = join(folder, "docker");
    mkdirSync(join(docker, "buildx", "instances"), { recursive: true });
    writeFileSync(join(docker, "buildx", "current"), JSON.stringify({ Name: "own" }));
    const nodes = [{ Endpoint: "tcp://127.0.0.1:1" }];
    writeFileSync(join(docker, "buildx", "instances", "own"), JSON.stringify({ Driver: "remote", Nodes: nodes }));
    writeFileSync(join(folder, "kubeconfig"), nearAt(open));
    const cluster = { context: "near", kubeconfig: join(folder, "kubeconfig") };
    await assert.rejects(checkReachable({ cluster, release }, "new", { DOCKER_CONFIG: docker }), /builder own at /);
  });

  it("names a kubeconfig that cannot be read, and the line, without what stands there", async () => {
    const release = { repository: `127.0.0.1:${open}/shop` };
    const kubeconfig = join(folder, "broken");
    const refusal = (content: string): Promise<string> => {
      writeFileSync(kubeconfig, content);
      const cluster = { context: "near", kubeconfig };
      return checkReachable({ cluster, release }).then(
        () => "",
        (error: Error) => error.message,
      );
    };
    const broken = await refusal("users:\n- name: me\n  user: {client-key-data: aVerySecretKey]\n");
    assert.match(broken, /^the kubeconfig .*broken cannot be read; nothing was changed\.\n {2}not YAML: .*, line 3\n/);
    assert.match(broken, /name another in slipway:cluster\.kubeconfig/);
    assert.doesNotMatch(broken, /aVerySecretKey/);
    rmSync(kubeconfig);
    mkdirSync(kubeconfig);
    const cluster = { context: "near", kubeconfig };
    await assert.rejects(checkReachable({ cluster, release }), /broken cannot be read; .*\n {2}EISDIR/);
  });

  it("names the file that has no such context, also where the file is missing", async () => {
    const release = {
      repository: `127.0.0.1:${open}/shop`,
      build: { context: "app", dockerfile: "Dockerfile", args: {}, platforms: [] },
    };
    const env = { KUBECONFIG: join(folder, "missing") };
    await assert.rejects(
      checkReachable({ cluster: { context: "near" }, release }, "new", env),
      /missing does not have \(it has: none\)/,
    );
  });
});
