import assert from "node:assert/strict";
import { Agent, type AgentOptions, request } from "node:http";
import * as https from "node:https";
import { ingressOptions } from "../../sandbox/http.ts";

/** Seconds after which a request counts as failed. */
const deadlineSeconds = 10;

interface Kind {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly agent?: Agent;
  readonly expected: number;
}

/**
 * Constant load of reads and writes, over open and over new connections. The rate does not depend on the answers. Each request is
 * sent once. A refused or broken connection, an unexpected status, or no answer in time is a failure.
 */
export class Load {
  readonly #url: string;
  readonly #agents: Agent[];
  readonly #kinds: Kind[];
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #failures: string[] = [];
  #sent = 0;
  #failed = 0;
  #slowest = 0;

  /** @param url address of the application; HTTPS requests are sent to the sandbox's ingress */
  constructor(url: string, requestsPerSecond = 40) {
    this.#url = url;
    // Few connections, so that each is reused; only the server closes idle ones.
    const agent = () => this.#agent({ keepAlive: true, maxSockets: 4 });
    this.#agents = [agent(), agent()];
    const [readers, writers] = this.#agents;
    const write = { method: "POST", path: "/api/messages", body: JSON.stringify({ text: "load" }), expected: 201 };
    const read = { method: "GET", path: "/api/messages?limit=5", expected: 200 };
    this.#kinds = [
      { ...read, name: "read, open connection", agent: readers },
      { ...write, name: "write, open connection", agent: writers },
      { ...read, name: "read, new connection" },
      { ...write, name: "write, new connection" },
      { ...read, path: "/", name: "page, open connection", agent: readers },
    ];
    this.#timer = setInterval(() => this.#start(), 1000 / requestsPerSecond);
  }

  /** Numbers of requests so far, and the first twenty failures, each with its time, kind and reason. */
  get result(): { requests: number; failed: number; failures: string[] } {
    return { requests: this.#sent, failed: this.#failed, failures: this.#failures };
  }

  /** Asserts that no request has failed so far. @param label what was done meanwhile, for the output */
  assertNoneFailed(label: string): void {
    console.log(
      `      ${label}: ${this.#sent} requests so far, ${this.#failed} failed, the slowest took ${this.#slowest} ms`,
    );
    assert.deepEqual(this.#failures, []);
  }

  /** Stops, and waits for the missing answers. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    for (const agent of this.#agents) agent.destroy();
  }

  #agent(options: AgentOptions): Agent {
    return new URL(this.#url).protocol === "https:"
      ? new https.Agent({ ...options, ...ingressOptions() })
      : new Agent(options);
  }

  #start(): void {
    const kind = this.#kinds[this.#sent % this.#kinds.length] as Kind;
    this.#sent += 1;
    const started = Date.now();
    const done = this.#send(kind).then(
      () => {
        this.#slowest = Math.max(this.#slowest, Date.now() - started);
      },
      (error: Error) => {
        this.#failed += 1;
        if (this.#failures.length < 20)
          this.#failures.push(`${new Date(started).toISOString()} ${kind.name}: ${error.message}`);
      },
    );
    this.#pending.add(done);
    done.finally(() => this.#pending.delete(done));
  }

  #send({ method, path, body, agent, expected }: Kind): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = body ? { "content-type": "application/json", "content-length": Buffer.byteLength(body) } : {};
      const address = new URL(path, this.#url);
      const options = { method, headers, agent: agent ?? this.#agent({}), timeout: deadlineSeconds * 1000 };
      const sent = address.protocol === "https:" ? https.request(address, options) : request(address, options);
      sent.on("timeout", () => sent.destroy(new Error(`no answer within ${deadlineSeconds} s`)));
      sent.on("error", reject);
      sent.on("response", (response) => {
        response.on("error", reject);
        response.on("end", () =>
          response.statusCode === expected ? resolve() : reject(new Error(`status ${response.statusCode}`)),
        );
        response.resume();
      });
      sent.end(body);
    });
  }
}
