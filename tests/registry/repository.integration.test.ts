import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerLogin } from "../../registry/login.ts";
import { attach, attachments } from "../../registry/referrers.ts";
import { ImageRepository, sha256 } from "../../registry/repository.ts";

const login = { username: "user", password: "pa:ss" };
const basic = `Basic ${Buffer.from("user:pa:ss").toString("base64")}`;
const image = sha256("{}");

describe("A registry that asks for a login and keeps its own list of referrers", () => {
  let server: Server;
  let host: string;
  let scheme: "basic" | "bearer";
  const pushed: string[] = [];
  const tokenRequests: string[] = [];

  const allowed = ({ headers }: IncomingMessage) =>
    headers.authorization === (scheme === "basic" ? basic : "Bearer t1");

  before(async () => {
    server = createServer((request, response) => {
      const { method = "", url = "", headers } = request;
      request.resume();
      if (url.startsWith("/token")) {
        tokenRequests.push(url);
        response.statusCode = headers.authorization === basic ? 200 : 401;
        return response.end('{"token":"t1"}');
      }
      if (!allowed(request)) {
        const bearer = `Bearer realm="http://${host}/token",service="registry",scope="repository:app:pull"`;
        response.setHeader("www-authenticate", scheme === "bearer" ? bearer : "Basic realm=r");
        response.statusCode = 401;
        return response.end();
      }
      if (method === "PUT") {
        pushed.push(url);
        response.setHeader("oci-subject", image);
        response.statusCode = 201;
      }
      return response.end(url.includes("/referrers/") ? '{"manifests":[]}' : "{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  it("gets the password, or a token for pulling and pushing", async () => {
    for (scheme of ["basic", "bearer"] as const)
      assert.deepEqual(await attachments(new ImageRepository(`${host}/app`, login), image, "a/a"), []);
    assert.deepEqual(tokenRequests.map(decodeURIComponent), ["/token?service=registry&scope=repository:app:pull,push"]);
  });

  it("is named in the error if it refuses the login", async () => {
    scheme = "basic";
    const nobody = new ImageRepository(`${host}/app`, { username: "user", password: "wrong" });
    await assert.rejects(nobody.manifest("v1"), { message: `the registry ${host} refused manifest v1: 401 ` });
  });

  it("gets no fallback tag", async () => {
    await attach(new ImageRepository(`${host}/app`, login), image, { type: "a/a", content: "a" });
    assert.equal(pushed.length, 1);
    assert.match(pushed[0] ?? "", /\/manifests\/sha256:/);
  });
});

describe("Docker Hub", () => {
  const { fetch } = globalThis;
  const config = process.env.DOCKER_CONFIG;
  const folder = mkdtempSync(join(tmpdir(), "slipway-hub-"));
  after(() => {
    globalThis.fetch = fetch;
    if (config === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = config;
    rmSync(folder, { recursive: true });
  });

  it("is reached at its own address, with the login that docker login stores for it", async () => {
    const auth = Buffer.from("user:pa:ss").toString("base64");
    writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { "https://index.docker.io/v1/": { auth } } }));
    process.env.DOCKER_CONFIG = folder;
    const requests: [string, string | null][] = [];
    globalThis.fetch = async (url, init) => {
      const authorization = new Headers(init?.headers).get("authorization");
      requests.push([String(url), authorization]);
      if (authorization) return new Response(null, { status: 404 });
      return new Response(null, { status: 401, headers: { "www-authenticate": "Basic realm=r" } });
    };
    assert.equal(await new ImageRepository("docker.io/library/python").manifest("3"), undefined);
    const url = "https://registry-1.docker.io/v2/library/python/manifests/3";
    assert.deepEqual(requests, [
      [url, null],
      [url, basic],
    ]);
  });
});

describe("The login of docker login", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-login-"));
  const env = { ...process.env, DOCKER_CONFIG: folder, PATH: `${folder}:${process.env.PATH}` };
  after(() => rmSync(folder, { recursive: true }));
  const configured = (config: object, host = "registry.example.com") => {
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    return dockerLogin(host, env);
  };

  it("is read from its file, with either form of address", async () => {
    const auth = Buffer.from("user:pa:ss").toString("base64");
    for (const address of ["registry.example.com", "https://registry.example.com/v1/"])
      assert.deepEqual(await configured({ auths: { [address]: { auth } } }), login);
    assert.equal(await configured({ auths: { "other.example.com": { auth } } }), undefined);
  });

  it("is read from a credential helper if the file names one", async () => {
    const answer = JSON.stringify({ Username: "user", Secret: "pa:ss" });
    const helper = `#!/bin/sh\n[ "$1 $(cat)" = "get registry.example.com" ] && echo '${answer}'\n`;
    writeFileSync(join(folder, "docker-credential-test"), helper, { mode: 0o755 });
    assert.deepEqual(await configured({ credHelpers: { "registry.example.com": "test" } }), login);
    assert.deepEqual(await configured({ credsStore: "test" }), login);
    assert.equal(await configured({ credsStore: "test" }, "other.example.com"), undefined);
  });

  it("is undefined if nobody has logged in", async () => {
    assert.equal(await dockerLogin("registry.example.com", { DOCKER_CONFIG: join(folder, "none") }), undefined);
  });
});
