import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** Registry that accepts images but serves none to the nodes of a cluster, or none without a login. */
export interface RefusingRegistry {
  /** For example `localhost:40123`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Login for a private registry. */
export const robot = { username: "robot", password: 'pull/en+"42"' };
const authorization = `Basic ${Buffer.from(`${robot.username}:${robot.password}`).toString("base64")}`;

const refusals = {
  private: [401, '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}'],
  denied: [403, '{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}'],
  gone: [404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'],
} as const;

/**
 * Starts such a registry on a free port, as a proxy of a real one.
 *
 * @param registry address of the real one, without a scheme
 * @param refusal answer to nodes: `private` unless they log in, `denied` if the image may not be read, `gone` if there is no
 * such digest
 */
export async function refuseNodes(registry: string, refusal: keyof typeof refusals): Promise<RefusingRegistry> {
  const [status, body] = refusals[refusal];
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers: received } = incoming;
    const { authorization: login, ...headers } = received;
    const isLoggedIn = refusal === "private" && login === authorization;
    if (/^containerd\//.test(headers["user-agent"] ?? "") && !isLoggedIn) {
      const challenge = refusal === "private" ? { "www-authenticate": 'Basic realm="test"' } : undefined;
      outgoing.writeHead(status, { "content-type": "application/json", ...challenge });
      outgoing.end(body);
      return;
    }
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
