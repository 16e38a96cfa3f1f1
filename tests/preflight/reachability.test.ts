import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkReachable } from "../../preflight/reachability.ts";

const remote = (endpoint: string) => JSON.stringify({ Driver: "remote", Nodes: [{ Endpoint: endpoint }] });

/** A registry that has one image, a cluster that only listens, and a builder that does not. */
describe("checkReachable", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-reach-"));
  const kubeconfig = join(folder, "kubeconfig");
  const registry = createServer((request, response) => {
    response.statusCode = request.url === "/v2/shop/manifests/pushed" ? 200 : 404;
    response.end();
  });
  const closed = 1; // tcpmux: nobody listens there
  let open: number;

  before(async () => {
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    open = (registry.address() as AddressInfo).port;
    mkdirSync(join(folder, "instances"));
    writeFileSync(join(folder, "current"), JSON.stringify({ Name: "far" }));
    writeFileSync(join(folder, "instances", "far"), remote(`unix://${folder}/buildkitd.sock`));
  });
  beforeEach(() => writeKubeconfig(open));
  after(() => {
    registry.close();
    rmSync(folder, { recursive: true });
  });

  const writeKubeconfig = (port: number, more = "") =>
    writeFileSync(
      kubeconfig,
      `contexts: [{name: near, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: "https://127.0.0.1:${port}"${more}}}]\n`,
    );

  interface Options {
    readonly context?: string;
    readonly repository?: string;
    readonly name?: string;
    readonly builder?: string;
    readonly env?: NodeJS.ProcessEnv;
  }
  const check = (key: string, { context = "near", repository, name, builder, env }: Options = {}) =>
    checkReachable(
      {
        cluster: { context },
        release: { repository: repository ?? `127.0.0.1:${open}/shop`, name, build: { context: "app", builder } },
      },
      key,
      { KUBECONFIG: kubeconfig, BUILDX_CONFIG: folder, ...env },
    );

  it("accepts services that answer, and needs no builder for an image that is pushed already", () => check("pushed"));

  it("names only the builder, if only that does not answer", () =>
    assert.rejects(check("new"), (error: Error) => {
      assert.match(error.message, /builder far at .*buildkitd\.sock: no such socket\n {4}start its buildkitd/);
      assert.doesNotMatch(error.message, /registry|cluster/);
      return true;
    }));

  it("names everything that does not answer at once, with its address and what to start", async () => {
    writeKubeconfig(closed);
    await assert.rejects(check("new", { repository: `127.0.0.1:${closed}/shop` }), (error: Error) => {
      assert.match(error.message, /^out of reach; nothing was changed/);
      assert.match(error.message, /cluster near at 127\.0\.0\.1:1: connection refused\n.*npm run up/);
      assert.match(error.message, /registry at 127\.0\.0\.1:1: connection refused\n.*slipway:release\.repository/);
      assert.match(error.message, /builder far/);
      return true;
    });
  });

  it("names a missing context, and those of the kubeconfig", () =>
    assert.rejects(check("pushed", { context: "far" }), /context is far, .*kubeconfig does not have \(it has: near\)/));

  it("names a kubeconfig that does not exist", () =>
    assert.rejects(
      check("pushed", { env: { KUBECONFIG: join(folder, "missing") } }),
      /missing does not have \(it has: none\)/,
    ));

  it("names syft if it is not installed and a new release needs it", async () => {
    writeFileSync(join(folder, "syft"), "");
    await assert.rejects(
      check("pushed", { name: "v1.1", env: { PATH: "/nowhere" } }),
      /^Error: out of reach; nothing was changed\.\n\n {2}syft, which lists what is in v1\.1: not on the PATH\n {4}install it \(https:\/\/github\.com\/anchore\/syft#installation\); in the sandbox: npm run syft\n$/,
    );
    await check("pushed", { name: "v1.1", env: { PATH: `/nowhere:${folder}` } });
    await check("pushed", { name: "pushed", env: { PATH: "/nowhere" } });
    await check("pushed", { env: { PATH: "/nowhere" } });
  });

  it("does not check the builder of the container engine", () =>
    check("new", { env: { BUILDX_CONFIG: join(folder, "none") } }));

  it("connects to port 443 of a registry without a port, and to the address of a remote builder", async () => {
    writeFileSync(join(folder, "instances", "tcp"), remote("tcp://127.0.0.1:1"));
    await assert.rejects(check("new", { repository: "registry.invalid/shop", builder: "tcp" }), (error: Error) => {
      assert.match(error.message, /registry at registry\.invalid:443: /);
      assert.match(error.message, /builder tcp at 127\.0\.0\.1:1: connection refused/);
      return true;
    });
  });

  it("does not check a builder in a container, or a cluster behind a proxy", async () => {
    writeKubeconfig(closed, `, proxy-url: "http://127.0.0.1:1"`);
    for (const endpoint of ["docker-container://buildkitd", "kube-pod://buildkitd"]) {
      writeFileSync(join(folder, "instances", "inside"), remote(endpoint));
      await check("new", { builder: "inside" });
    }
  });

  it("finds the builder in the folder of docker's own files", async () => {
    const docker = join(folder, "docker");
    mkdirSync(join(docker, "buildx", "instances"), { recursive: true });
    writeFileSync(join(docker, "buildx", "current"), JSON.stringify({ Name: "own" }));
    writeFileSync(join(docker, "buildx", "instances", "own"), remote("tcp://127.0.0.1:1"));
    const env = { BUILDX_CONFIG: undefined, DOCKER_CONFIG: docker };
    await assert.rejects(check("new", { env }), /builder own at /);
  });

  it("names a kubeconfig that can't be read, and the line, without its content", async () => {
    const broken = join(folder, "broken");
    writeFileSync(broken, "users:\n- name: me\n  user: {client-key-data: aVerySecretKey]\n");
    await assert.rejects(check("pushed", { env: { KUBECONFIG: broken } }), ({ message }: Error) => {
      assert.match(
        message,
        /^the kubeconfig .*broken cannot be read; nothing was changed\.\n {2}not YAML: .*, line 3\n/,
      );
      assert.match(message, /name another in slipway:cluster\.kubeconfig/);
      assert.doesNotMatch(message, /aVerySecretKey/);
      return true;
    });
    await assert.rejects(
      checkReachable({ cluster: { context: "near", kubeconfig: folder }, release: { repository: "localhost/shop" } }),
      /cannot be read; .*\n {2}EISDIR/,
    );
  });
});
