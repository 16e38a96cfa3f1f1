import { Agent, type AgentOptions, request } from "node:http";
import * as https from "node:https";
import { ingressOptions } from "../../sandbox/http.ts";

/** How much load. */
export interface LoadOptions {
  /** Address of the application, as in `http://localhost:30092`; a host by https is asked of the sandbox's ingress. */
  readonly url: string;
  /** Requests a second, all kinds together; default 40. */
  readonly perSecond?: number;
  /** Seconds after which a request counts as failed; default 10. */
  readonly patience?: number;
}

/** What became of the requests so far. */
export interface LoadResult {
  readonly requests: number;
  /** The first twenty failures, each with its time, kind and reason. */
  readonly failures: string[];
  readonly failed: number;
  /** Milliseconds that the slowest request took. */
  readonly slowest: number;
  /** Number of requests by kind. */
  readonly kinds: Record<string, number>;
}

interface Kind {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly agent?: Agent;
  readonly expected: number;
}

/**
 * A constant load: reads and writes, over connections that are kept and over new ones, at a fixed rate whatever the answers. Each
 * request is sent once; a refused or broken connection, another status than the expected one, or no answer in time is a failure.
 */
export class Load {
  readonly #options: Required<LoadOptions>;
  readonly #kept: Agent[];
  readonly #kinds: Kind[];
  readonly #pending = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #failures: string[] = [];
  readonly #counts: Record<string, number> = {};
  #sent = 0;
  #failed = 0;
  #slowest = 0;

  constructor(options: LoadOptions) {
    this.#options = { perSecond: 40, patience: 10, ...options };
    // Few connections, so that each is used again and again; the idle ones are closed by the server alone.
    const agent = () => this.#agent({ keepAlive: true, maxSockets: 4 });
    this.#kept = [agent(), agent()];
    const [readers, writers] = this.#kept;
    const write = { method: "POST", path: "/api/messages", body: JSON.stringify({ text: "load" }), expected: 201 };
    const read = { method: "GET", path: "/api/messages?limit=5", expected: 200 };
    this.#kinds = [
      { ...read, name: "read, kept connection", agent: readers },
      { ...write, name: "write, kept connection", agent: writers },
      { ...read, name: "read, new connection" },
      { ...write, name: "write, new connection" },
      { ...read, path: "/", name: "page, kept connection", agent: readers },
    ];
    this.#timer = setInterval(() => this.#start(), 1000 / this.#options.perSecond);
  }

  get result(): LoadResult {
    return {
      requests: this.#sent,
      failed: this.#failed,
      failures: this.#failures,
      slowest: this.#slowest,
      kinds: this.#counts,
    };
  }

  /** Stops, waits for the answers that are still to come, and says what became of all. */
  async stop(): Promise<LoadResult> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    for (const agent of this.#kept) agent.destroy();
    return this.result;
  }

  #agent(options: AgentOptions): Agent {
    return new URL(this.#options.url).protocol === "https:"
      ? new https.Agent({ ...options, ...ingressOptions() })
      : new Agent(options);
  }

  #start(): void {
    const kind = this.#kinds[this.#sent % this.#kinds.length] as Kind;
    this.#sent += 1;
    this.#counts[kind.name] = (this.#counts[kind.name] ?? 0) + 1;
    const begun = Date.now();
    const done = this.#send(kind).then(
      () => {
        this.#slowest = Math.max(this.#slowest, Date.now() - begun);
      },
      (error: Error) => {
        this.#failed += 1;
        if (this.#failures.length < 20)
          this.#failures.push(`${new Date(begun).toISOString()} ${kind.name}: ${error.message}`);
      },
    );
    this.#pending.add(done);
    done.finally(() => this.#pending.delete(done));
  }

  #send({ method, path, body, agent, expected }: Kind): Promise<void> {
    const { url, patience } = this.#options;
    return new Promise((resolve, reject) => {
      const headers = body ? { "content-type": "application/json", "content-length": Buffer.byteLength(body) } : {};
      const address = new URL(path, url);
      const options = { method, headers, agent: agent ?? this.#agent({}), timeout: patience * 1000 };
      const sent = address.protocol === "https:" ? https.request(address, options) : request(address, options);
      sent.on("timeout", () => sent.destroy(new Error(`no answer within ${patience} s`)));
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
