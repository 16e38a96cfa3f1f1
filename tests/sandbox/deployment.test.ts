import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { verifyServing } from "../../sandbox/deployment.ts";

/** What is said of an application that answers like this. */
async function said(application: RequestListener): Promise<string | undefined> {
  const server = createServer(application).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  try {
    return await verifyServing(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 0);
  } finally {
    server.close();
  }
}

describe("The application that was deployed", () => {
  it("has kept a message, which it shows", async () => {
    const kept: string[] = [];
    const message = await said(async (request, response) => {
      if (request.method === "POST") kept.push(JSON.parse(await text(request)).text);
      response.end(JSON.stringify(kept));
    });
    assert.match(message ?? "", /^Written by npm run up at 20/);
    assert.deepEqual(kept, [message]);
  });

  it("is told of where it forgets one", async () => {
    await assert.rejects(
      said((_, response) => response.end("[]")),
      /does not serve: GET .*\/api\/messages answered 200 without the message.*kubectl get pods/,
    );
  });

  it("need not have messages, but has to answer", async () => {
    const other =
      (status: number): RequestListener =>
      ({ url }, response) => {
        response.statusCode = url === "/" ? status : 404;
        response.end();
      };
    for (const status of [200, 302, 401, 404]) assert.equal(await said(other(status)), undefined);
    await assert.rejects(said(other(503)), /does not serve: it has no messages, and answers at \/ with an error/);
  });
});
