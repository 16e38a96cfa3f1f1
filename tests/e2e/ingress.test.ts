import assert from "node:assert/strict";
import { request } from "node:http";
import { connect, type TLSSocket } from "node:tls";
import { ensureAddons } from "../../sandbox/addons.ts";
import { eventually } from "../../sandbox/eventually.ts";
import { httpRequest, ingressOptions } from "../../sandbox/http.ts";
import { cluster } from "../../sandbox/paths.ts";
import { ensureBrowser, openPage } from "./browser.ts";
import { Load } from "./load.ts";
import { Project } from "./project.ts";

const host = "ingress.example.com";
const url = `https://${host}`;
const annotation = "example.com/noticed";

describe("An application behind an ingress, end to end", () => {
  const project = Project.forSuite("ingress");

  /** Connects to the ingress for a host. @throws Error if the certificate is not trusted for it */
  const connection = (servername: string, ca: Buffer | undefined = ingressOptions().ca): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: cluster.nodeAddress, port: 443, servername, ca }, () => resolve(socket));
      socket.on("error", reject);
    });

  before(async function () {
    // The first time, the add-ons are compiled and the browser is installed.
    this.timeout(1_800_000);
    project.set("web", { host, tls: { issuer: "sandbox" }, ingressAnnotations: { [annotation]: "yes" } });
    await ensureAddons([{ "slipway:web": { host } }]);
    ensureBrowser();
    await project.deploy();
    // Pulumi waits for the address of the Ingress; the certificate is there a moment later.
    await eventually(() => httpRequest(url));
  });

  it("is served over HTTPS with a certificate of the configured issuer, only for its host", async () => {
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

  it("redirects HTTP to HTTPS, to the same page", async () => {
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

  it("has the annotations of the settings on its Ingress, and nothing to do the second time", async () => {
    const [ingress] = await project.objects("ingresses");
    assert.equal(ingress.metadata.annotations[annotation], "yes");
    assert.equal(ingress.metadata.annotations["cert-manager.io/cluster-issuer"], "sandbox");
    assert.equal(ingress.spec.ingressClassName, "traefik");
    await project.assertNoChanges("--refresh");
  });

  it("loses no request when a new version is deployed", async () => {
    const load = new Load(url);
    try {
      project.set("web.environment", { APP_ENVIRONMENT: "ingress" });
      await project.up();
    } finally {
      await load.stop();
      load.assertNoneFailed("deployed");
    }
    // A pod of the previous version answers until the ingress has dropped it.
    await eventually(() => project.noneStopping());
    assert.match((await httpRequest(url)).body, /<title>Noticeboard \(ingress\)/);
  });

  it("is shown only by a browser that trusts the issuer", async () => {
    const text = `Seen in a browser, ${Date.now()}`;
    assert.equal((await httpRequest(new URL("/api/messages", url), { text })).status, 201);
    const page = await openPage(url, { trusting: true, picture: process.env.PICTURE });
    assert.match(page, /<title>Noticeboard \(ingress\)<\/title>/);
    assert.ok(page.includes(text), page);
    assert.doesNotMatch(await openPage(url, { trusting: false }), /Noticeboard/);
  });
});
