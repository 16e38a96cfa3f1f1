import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { verifyServing } from "../../sandbox/deployment.ts";

/** Result of verifying an application that answers like this. */
async function verify(application: RequestListener): Promise<string | undefined> {
  const server = createServer(application).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await verifyServing(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 0);
  } finally {
    server.close();
  }
}

describe("The deployed application", () => {
  it("passes if it stores a message and returns it", async () => {
    const messages: string[] = [];
    const message = await verify(async (request, response) => {
      if (request.method === "POST") messages.push(JSON.parse(await text(request)).text);
      response.end(JSON.stringify(messages));
    });
    assert.match(message ?? "", /^Written by npm run up at 20/);
    assert.deepEqual(messages, [message]);
  });

  it("fails if it does not return the message", async () => {
    await assert.rejects(
      verify((_, response) => response.end("[]")),
      /does not serve: GET .*\/api\/messages answered 200 without the message.*kubectl get pods/,
    );
  });

  it("passes without messages if it answers without a server error", async () => {
    const other =
      (status: number): RequestListener =>
      ({ url }, response) => {
        response.statusCode = url === "/" ? status : 404;
        response.end();
      };
    for (const status of [200, 302, 401, 404]) assert.equal(await verify(other(status)), undefined);
    await assert.rejects(verify(other(503)), /does not serve: it has no messages, and answers at \/ with an error/);
  });
});
