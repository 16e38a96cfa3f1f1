import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { accessTo } from "../../../../sandbox/plugins/docker/credentials.ts";
import { parseReference } from "../../../../sandbox/plugins/docker/reference.ts";
import { digestOf } from "../../../../sandbox/plugins/docker/registry.ts";

const digest = `sha256:${"b".repeat(64)}`;
const basic = `Basic ${Buffer.from("user:pass").toString("base64")}`;

describe("Registry look-up", () => {
  let server: http.Server;
  let host: string;
  /** What a request must bring: nothing, a password, or a token that is bought with the password. */
  let demands: "nothing" | "basic" | "bearer";

  before(async () => {
    server = http.createServer((request, response) => {
      const { authorization } = request.headers;
      if (request.url?.startsWith("/token")) {
        assert.match(request.url, /service=registry&scope=repository%3Aapp%3Apull/);
        response.statusCode = authorization === basic ? 200 : 401;
        return response.end(JSON.stringify({ token: "t1" }));
      }
      const wanted = { nothing: authorization, basic, bearer: "Bearer t1" }[demands];
      if (authorization !== wanted) {
        response.statusCode = 401;
        const realm = `realm="http://${host}/token",service="registry",scope="repository:app:pull"`;
        response.setHeader("www-authenticate", demands === "bearer" ? `Bearer ${realm}` : "Basic realm=r");
        return response.end();
      }
      response.statusCode = request.url === "/v2/app/manifests/v1" ? 200 : 404;
      response.setHeader("docker-content-digest", digest);
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  const look = (tag: string, login = {}) => {
    const image = parseReference(`${host}/app:${tag}`);
    const auth = [{ address: `http://${host}`, configFileContent: "{}", ...login }];
    return digestOf(image, accessTo(image.registry, auth), true);
  };

  it("finds the digest that a tag points to", async () => {
    demands = "nothing";
    assert.equal(await look("v1"), digest);
  });

  it("logs in with a password, and with a token", async () => {
    for (const demand of ["basic", "bearer"] as const) {
      demands = demand;
      assert.equal(await look("v1", { username: "user", password: "pass" }), digest);
    }
  });

  it("says in one sentence that a login is refused", async () => {
    demands = "basic";
    const message = `the registry at http://${host} refused the login "user" for app:v1 (status 401)`;
    await assert.rejects(look("v1", { username: "user", password: "wrong" }), { message });
  });

  it("says in one sentence that a tag is missing", async () => {
    demands = "nothing";
    await assert.rejects(look("v2"), { message: `the registry at http://${host} has no image app:v2` });
  });

  it("says in one sentence that a registry cannot be reached", async () => {
    const image = parseReference("127.0.0.1:1/app:v1");
    const unreachable = digestOf(image, { origin: "http://127.0.0.1:1" }, true);
    await assert.rejects(unreachable, /^Error: the registry at http:\/\/127.0.0.1:1 cannot be reached: .*ECONNREFUSED/);
  });

  it("reads logins that docker stored in its own file, and talks https by default", () => {
    const auth = Buffer.from("user:pa:ss").toString("base64");
    const configFileContent = JSON.stringify({ auths: { "registry.example.com": { auth } } });
    assert.deepEqual(accessTo("registry.example.com", [{ address: "registry.example.com", configFileContent }]), {
      origin: "https://registry.example.com",
      login: { username: "user", password: "pa:ss" },
    });
  });
});
