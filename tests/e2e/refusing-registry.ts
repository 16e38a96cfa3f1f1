import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** Registry that accepts images but serves none to the nodes of a cluster. */
export interface RefusingRegistry {
  /** For example `localhost:40123`. */
  readonly address: string;
  stop(): Promise<void>;
}

const refusals = {
  denied: [403, '{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}'],
  gone: [404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'],
} as const;

/**
 * Starts such a registry on a free port, as a proxy of a real one.
 *
 * @param registry address of the real one, without a scheme
 * @param refusal answer to nodes: `denied` if the image may not be read, `gone` if there is no such digest
 */
export async function refuseNodes(registry: string, refusal: keyof typeof refusals): Promise<RefusingRegistry> {
  const [status, body] = refusals[refusal];
  const server = createServer((incoming, outgoing) => {
    if (/^containerd\//.test(incoming.headers["user-agent"] ?? "")) {
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(body);
      return;
    }
    const { method, url, headers } = incoming;
    const forwarded = request(`http://${registry}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    address: `localhost:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
