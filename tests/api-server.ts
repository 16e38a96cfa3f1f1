import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { stringify } from "yaml";

/** Simulated API server. */
export class ApiServer {
  /** Objects by path; a number is the status of an error. Any other path is not found. */
  objects: Record<string, object | number> = {};
  /** Paths of the requests so far. */
  asked: string[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer(({ url = "" }, response) => {
      this.asked.push(url);
      const object = this.objects[url] ?? 404;
      const status = typeof object === "number" ? object : 200;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(typeof object === "number" ? { kind: "Status", code: status } : object));
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
