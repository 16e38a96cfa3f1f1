import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { stringify } from "yaml";

/** Simulated API server. */
export class ApiServer {
  /** Answers by path, with or without a query: objects, texts, or the status of an error. Any other path is not found. */
  objects: Record<string, object | string | number> = {};
  /** Paths of the requests so far. */
  asked: string[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer(({ url = "" }, response) => {
      this.asked.push(url);
      const answer = this.objects[url] ?? this.objects[url.split("?")[0] ?? ""] ?? 404;
      const status = typeof answer === "number" ? answer : 200;
      const isText = typeof answer === "string";
      response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json" });
      response.end(isText ? answer : JSON.stringify(status === 200 ? answer : { kind: "Status", code: status }));
    });
  }

  start(): Promise<void> {
    return new Promise((listening) => this.#server.listen(0, "127.0.0.1", listening));
  }

  stop(): void {
    this.#server.close();
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Writes a kubeconfig whose context `near` names this server. @param more fields of its cluster's entry @default none */
  writeKubeconfig(path: string, more: object = {}, server = `http://127.0.0.1:${this.port}`): void {
    const config = {
      apiVersion: "v1",
      kind: "Config",
      contexts: [{ name: "near", context: { cluster: "near", user: "me" } }],
      clusters: [{ name: "near", cluster: { server, "insecure-skip-tls-verify": true, ...more } }],
      users: [{ name: "me", user: { token: "t" } }],
    };
    writeFileSync(path, stringify(config));
  }
}
