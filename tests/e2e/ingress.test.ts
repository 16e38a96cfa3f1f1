import assert from "node:assert/strict";
import { request } from "node:http";
import { connect, type TLSSocket } from "node:tls";
import { ensureAddons } from "../../sandbox/addons.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { httpRequest, ingressOptions } from "../../sandbox/http.ts";
import { cluster } from "../../sandbox/paths.ts";
import { ensureBrowser, opened } from "./browser.ts";
import { Load } from "./load.ts";
import { Project } from "./project.ts";

const host = "ingress.example.com";
const url = `https://${host}`;
const annotation = "example.com/noticed";

describe("An application behind an ingress, end to end", () => {
  const project = new Project("ingress");

  /** A connection to the ingress for a host. @throws where its certificate is not to be trusted for it */
  const connection = (servername: string, ca: Buffer | undefined = ingressOptions().ca): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: cluster.nodeAddress, port: 443, servername, ca }, () => resolve(socket));
      socket.on("error", reject);
    });

  before(async function () {
    // The first time, the add-ons are compiled and the browser is installed.
    this.timeout(1_800_000);
    project.configure((config) => {
      const tls = { issuer: "sandbox" };
      Object.assign(config["slipway:web"], { host, tls, ingressAnnotations: { [annotation]: "yes" } });
    });
    await ensureAddons([{ "slipway:web": { host } }]);
    ensureBrowser();
    await project.create();
    await project.up();
    // Pulumi waits for the Ingress' address; its certificate comes a moment later.
    await eventually(() => httpRequest(url));
  });

  after(() => project.remove());

  it("is served over https with a certificate of the named issuer, for its host alone", async () => {
    assert.equal(await project.output("url"), url);
    const { status, body } = await httpRequest(url);
    assert.equal(status, 200);
    assert.match(body, /Noticeboard/);

    const socket = await connection(host);
    const { subjectaltname, issuer } = socket.getPeerCertificate();
    socket.destroy();
    assert.equal(subjectaltname, `DNS:${host}`);
    assert.equal(issuer.CN, "slipway-sandbox ingress");
    await assert.rejects(connection(host, Buffer.from("")), /unable to .*certificate|self-signed|unable to verify/i);
    await assert.rejects(httpRequest("https://other.example.com"), /certificate|altnames/i);
  });

  it("sends whoever comes by http to https, to the same page", async () => {
    const [status, location] = await new Promise<[number?, string?]>((resolve, reject) => {
      // Without an agent, the connection ends with the answer: Traefik keeps an idle one for three minutes.
      const options = { host: cluster.nodeAddress, path: "/api/messages?limit=5", headers: { host }, agent: false };
      request(options, (response) => {
        response.resume();
        resolve([response.statusCode, response.headers.location]);
      })
        .on("error", reject)
        .end();
    });
    assert.ok([301, 308].includes(status ?? 0), `answered ${status}`);
    assert.equal(location, `${url}/api/messages?limit=5`);
  });

  it("has the settings' annotations on its ingress, and nothing to change afterwards", async () => {
    const [ingress] = JSON.parse(await project.kubectl("get", "ingresses", "--output=json")).items;
    assert.equal(ingress.metadata.annotations[annotation], "yes");
    assert.equal(ingress.metadata.annotations["cert-manager.io/cluster-issuer"], "sandbox");
    assert.equal(ingress.spec.ingressClassName, "traefik");
    const { code, stdout } = await project.preview("--expect-no-changes", "--refresh");
    assert.equal(code, 0, stdout);
  });

  it("loses no request behind it when a new version is deployed", async () => {
    const load = new Load({ url });
    try {
      project.configure((config) => {
        config["slipway:web"].environment.APP_ENVIRONMENT = "ingress";
      });
      await project.up();
    } finally {
      const { requests, failures, slowest } = await load.stop();
      console.log(`      ${requests} requests, ${failures.length} failed, the slowest took ${slowest} ms`);
      assert.deepEqual(failures, []);
    }
    // A pod of the version before answers until the ingress has let go of it.
    await eventually(() => project.noneStopping());
    assert.match((await httpRequest(url)).body, /<title>Noticeboard \(ingress\)/);
  });

  it("is shown by a browser that trusts the issuer, and by no other", async () => {
    const text = `Seen in a browser, ${Date.now()}`;
    assert.equal((await httpRequest(new URL("/api/messages", url), { text })).status, 201);
    const page = await opened(url, { trusting: true, picture: process.env.PICTURE });
    assert.match(page, /<title>Noticeboard \(ingress\)<\/title>/);
    assert.ok(page.includes(text), page);
    assert.doesNotMatch(await opened(url, { trusting: false }), /Noticeboard/);
  });
});
