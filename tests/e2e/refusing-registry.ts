import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A registry that takes images but gives none to a cluster's node. */
export interface RefusingRegistry {
  /** As in `localhost:40123`. */
  readonly address: string;
  stop(): Promise<void>;
}

const refusals = {
  denied: [403, '{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}'],
  gone: [404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'],
} as const;

/**
 * Starts one on a free port, in front of a real registry.
 *
 * @param registry its address, without a scheme
 * @param refusal what a node is told: that it may not read the image, or that there is no such digest
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
