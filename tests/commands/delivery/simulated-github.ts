import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Repository, repositoryOf } from "../../../commands/delivery/github.ts";

// biome-ignore lint/suspicious/noExplicitAny: what GitHub's API takes and gives, as JSON
type Json = any;

interface Request {
  readonly body: Json;
  readonly query: URLSearchParams;
  readonly path: readonly string[];
}

/**
 * Simulated GitHub: the part of its REST API that commands/delivery uses, over HTTP, for the repository team/shop. It only
 * stores what it receives, so it does not show what GitHub itself would refuse.
 */
export class SimulatedGitHub {
  /** Requests that change something, as `POST issues/7/comments`. */
  readonly changes: string[] = [];
  readonly comments: Json[] = [];
  readonly issues: Json[] = [];
  /** Owner of the accepted token. @default a job */
  user: Json = { type: "Bot", login: "github-actions[bot]" };
  labels: string[] = ["drift", "environment"];
  readonly pulls: Json[] = [];
  /** Pull requests by commit. */
  readonly pullsOf: Record<string, Json[]> = {};
  readonly artifacts: Json[] = [];
  readonly refs: Record<string, string> = { "heads/main": "m".repeat(40) };
  /** Files by tree and commit. */
  readonly files: Record<string, Record<string, string>> = { ["m".repeat(40)]: {}, "tree-of-main": {} };
  readonly commits: Record<string, Json> = { ["m".repeat(40)]: { tree: { sha: "tree-of-main" } } };
  readonly dispatched: Json[] = [];
  readonly #server: Server;
  #numbers = 100;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
      const route = `${request.method} ${pathname.replace(/^\/repos\/team\/shop\/?/, "")}`;
      if (request.method !== "GET") this.changes.push(route);
      const [status, data, headers = {}] = await this.#answer(request, route, searchParams);
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof data === "string" ? data : JSON.stringify(data));
    });
  }

  static async start(): Promise<SimulatedGitHub> {
    const github = new SimulatedGitHub();
    await new Promise<void>((resolve) => github.#server.listen(0, "127.0.0.1", resolve));
    return github;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get environment(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    return { GITHUB_API_URL: url, GITHUB_REPOSITORY: "team/shop", GITHUB_TOKEN: "let-me-in" };
  }

  get repository(): Repository {
    return repositoryOf(this.environment);
  }

  /** Adds files to the main branch. */
  onMain(files: Record<string, string>): void {
    Object.assign(this.files["m".repeat(40)] as object, files);
    Object.assign(this.files["tree-of-main"] as object, files);
  }

  async #answer(request: IncomingMessage, route: string, query: URLSearchParams): Promise<[number, Json, Json?]> {
    if (request.headers.authorization !== "token let-me-in") return [401, { message: "Bad credentials" }];
    const text = (await request.toArray()).join("");
    const body = text ? JSON.parse(text) : {};
    for (const [pattern, status, work] of this.#routes) {
      const path = pattern.exec(route)?.slice(1).map(decodeURIComponent);
      if (!path) continue;
      const data = work({ body, query, path });
      if (data === undefined) return [404, { message: "Not Found" }];
      return Array.isArray(data) ? page(data, query, request) : [status, data];
    }
    return [404, { message: `Not Found: ${route}` }];
  }

  readonly #routes: readonly [RegExp, number, (request: Request) => Json][] = [
    [/^GET $/, 200, () => ({ default_branch: "main" })],
    [/^GET \/user$/, 200, () => (this.user.type === "User" ? this.user : undefined)],
    [/^GET labels$/, 200, () => this.labels.map((name) => ({ name }))],
    [/^GET issues\/(\d+)\/comments$/, 200, ({ path }) => this.comments.filter((each) => each.issue === path[0])],
    [/^POST issues\/(\d+)\/comments$/, 201, ({ path, body }) => this.#new(this.comments, { ...body, issue: path[0] })],
    [/^PATCH issues\/comments\/(\d+)$/, 200, ({ path, body }) => change(this.comments, "id", path[0], body)],
    [/^GET issues$/, 200, ({ query }) => this.issues.filter((each) => matches(each, query))],
    [/^POST issues$/, 201, ({ body }) => this.#new(this.issues, { ...body, state: "open" })],
    [/^PATCH issues\/(\d+)$/, 200, ({ path, body }) => change(this.issues, "number", path[0], body)],
    [/^GET pulls$/, 200, ({ query }) => this.pulls.filter((each) => matches(each, query))],
    [/^POST pulls$/, 201, ({ body }) => this.#new(this.pulls, { ...body, state: "open" })],
    [/^PATCH pulls\/(\d+)$/, 200, ({ path, body }) => change(this.pulls, "number", path[0], body)],
    [/^GET commits\/(\w+)\/pulls$/, 200, ({ path }) => this.pullsOf[path[0] ?? ""] ?? []],
    [
      /^GET actions\/artifacts$/,
      200,
      ({ query }) => ({ artifacts: this.artifacts.filter(({ name }) => name === query.get("name")) }),
    ],
    [/^POST actions\/workflows\/(.+)\/dispatches$/, 204, ({ path, body }) => this.#dispatch(path[0], body)],
    [/^GET git\/ref\/(.+)$/, 200, ({ path }) => this.#ref(path[0] ?? "")],
    [/^GET git\/matching-refs\/(.+)$/, 200, ({ path }) => this.#matching(path[0] ?? "")],
    [/^GET contents\/(.+)$/, 200, ({ path, query }) => this.files[query.get("ref") ?? ""]?.[path[0] ?? ""]],
    [/^GET git\/commits\/(\w+)$/, 200, ({ path }) => this.commits[path[0] ?? ""]],
    [/^POST git\/trees$/, 201, ({ body }) => this.#tree(body)],
    [/^POST git\/commits$/, 201, ({ body }) => this.#commit(body)],
    [/^POST git\/refs$/, 201, ({ body }) => this.#setRef(body.ref.replace(/^refs\//, ""), body.sha)],
    [/^PATCH git\/refs\/(.+)$/, 200, ({ path, body }) => this.#setRef(path[0] ?? "", body.sha)],
  ];

  #new(list: Json[], body: Json): Json {
    this.#numbers += 1;
    const names = (body.labels ?? []).map((name: string) => ({ name }));
    const created = { ...body, labels: names, id: this.#numbers, number: this.#numbers, user: this.user };
    created.html_url = `https://github.example/team/shop/${this.#numbers}`;
    list.push(created);
    return created;
  }

  #ref = (ref: string): Json => this.refs[ref] && { ref: `refs/${ref}`, object: { sha: this.refs[ref] } };

  #matching = (start: string): Json[] =>
    Object.keys(this.refs)
      .filter((ref) => ref.startsWith(start))
      .map(this.#ref);

  #tree({ base_tree: base, tree }: Json): Json {
    const sha = `tree${this.newHash()}`;
    const changed = tree.map(({ path, content }: Json) => [path, content]);
    this.files[sha] = { ...this.files[base], ...Object.fromEntries(changed) };
    return { sha };
  }

  #commit(body: Json): Json {
    const sha = this.newHash();
    this.commits[sha] = { ...body, sha, tree: { sha: body.tree } };
    this.files[sha] = this.files[body.tree] ?? {};
    return this.commits[sha];
  }

  #setRef(ref: string, sha: string): Json {
    this.refs[ref] = sha;
    return this.#ref(ref);
  }

  #dispatch(workflow: string | undefined, body: Json): Json {
    this.dispatched.push({ workflow, ...body });
    return {};
  }

  private newHash(): string {
    this.#numbers += 1;
    return String(this.#numbers).padStart(40, "0");
  }
}

function change(list: Json[], key: string, value: string | undefined, body: Json): Json {
  const item = list.find((each) => String(each[key]) === value);
  return item && Object.assign(item, body);
}

const matches = (each: Json, query: URLSearchParams): boolean =>
  (query.get("state") ?? "open") === each.state &&
  (!query.has("labels") || each.labels.some(({ name }: Json) => name === query.get("labels"))) &&
  (!query.has("head") || query.get("head") === `team:${each.head}`);

/** Returns a page of a list, with a link to the next one. */
function page(list: Json[], query: URLSearchParams, request: IncomingMessage): [number, Json, Json] {
  const size = Number(query.get("per_page") ?? 30);
  const number = Number(query.get("page") ?? 1);
  const next = new URL(request.url ?? "", `http://${request.headers.host}`);
  next.searchParams.set("page", String(number + 1));
  const more = list.length > number * size;
  return [200, list.slice((number - 1) * size, number * size), more ? { link: `<${next}>; rel="next"` } : {}];
}
