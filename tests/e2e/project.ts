import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { attempt, type RunOptions, type RunResult, run } from "../../sandbox/command.ts";
import { environment, repository } from "../../sandbox/paths.ts";

/** The program that is deployed, and its commands. */
const program = [
  ...["Pulumi.yaml", "package.json", "index.ts", "startup", "settings", "preflight", "image", "registry", "cluster"],
  ...["components", "diagnosis", "commands"],
];

// biome-ignore lint/suspicious/noExplicitAny: settings of any shape, invalid ones too; objects of any kind
type Anything = any;
/** Changes the settings of a stack file. */
export type Change = (config: Anything) => void;

/** Step of a preview, as in `pulumi preview --json`. */
export interface Step {
  readonly op: string;
  readonly urn: string;
  readonly newState?: { readonly inputs: unknown };
}

/** Copies the sample application into a checkout, without what its own tests leave behind. */
export const copyApp = (checkout: string): void =>
  cpSync(join(repository, "app"), join(checkout, "app"), {
    recursive: true,
    filter: (path) => !/\/(\.venv|__pycache__|\.coverage|\.pytest_cache|\.ruff_cache)/.test(path),
  });

/** Checkout and stack of one test, deployed to the sandbox by the real engine. */
export class Project {
  readonly folder: string;
  readonly stack: string;
  readonly namespace: string;
  /** Environment variables of every program that the project runs. */
  readonly env: Record<string, string>;
  #isCreated = false;

  /**
   * @param stack name of the stack, and end of the namespace's name
   * @param beside project that shares its checkout and state @default a new checkout, with the settings of dev
   */
  constructor(stack: string, beside?: Project) {
    this.stack = stack;
    this.namespace = `${beside?.namespace ?? "noticeboard"}-${stack}`;
    this.folder = beside?.folder ?? mkdtempSync(join(tmpdir(), "slipway-e2e-"));
    this.env = { ...environment(), PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}` };
    if (beside) return;
    mkdirSync(join(this.folder, "state"));
    for (const path of program) this.copy(path);
    symlinkSync(join(repository, "node_modules"), this.path("node_modules"));
    copyApp(this.folder);
    this.copy("Pulumi.dev.yaml", `Pulumi.${stack}.yaml`);
    this.configure((config) => {
      config["slipway:namespace"] = this.namespace;
    });
    this.set("web", { nodePort: undefined });
  }

  /** Creates a project that is removed after the current suite. */
  static forSuite(stack: string): Project {
    const project = new Project(stack);
    after(() => project.remove());
    return project;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  get stackFile(): string {
    return this.path(`Pulumi.${this.stack}.yaml`);
  }

  /** File with the stack's state. @param program name in Pulumi.yaml */
  stateFile(program = "slipway"): string {
    return this.path("state", ".pulumi", "stacks", program, `${this.stack}.json`);
  }

  /** Copies a file or folder of the repository into the checkout. */
  copy(path: string, to = path): void {
    cpSync(join(repository, path), this.path(to), { recursive: true });
  }

  /** Changes the stack file. */
  configure(change: Change): void {
    const file = parse(readFileSync(this.stackFile, "utf8"));
    change(file.config);
    writeFileSync(this.stackFile, stringify(file));
  }

  /** Sets keys of a setting, for example of `web` or `web.environment`. A key with the value `undefined` is removed. */
  set(setting: string, values: object): void {
    this.configure((config) => {
      const [first, ...rest] = setting.split(".");
      Object.assign(
        rest.reduce((object, key) => object[key], config[`slipway:${first}`]),
        values,
      );
    });
  }

  /** Sets a secret in the stack file. @param key name, or path such as `secrets.TOKEN` */
  setSecret(key: string, value: string): Promise<string> {
    const path = key.includes(".") ? ["--path"] : [];
    const argv = ["pulumi", "config", "set", "--stack", this.stack, "--secret", ...path, key];
    // By standard input: arguments are visible to every user of the machine.
    return run(argv, { cwd: this.folder, env: this.env, input: value });
  }

  /** Changes a file of the checkout. @throws AssertionError if the file stays the same */
  edit(path: string, change: (text: string) => string): void {
    const before = readFileSync(this.path(path), "utf8");
    const after = change(before);
    assert.notEqual(after, before, `${path} does not contain the text to change`);
    writeFileSync(this.path(path), after);
  }

  /** Commits the application in the checkout, and returns the commit. */
  async commit(message: string): Promise<string> {
    const git = (...args: string[]) =>
      run(["git", "-C", this.folder, "-c", "user.name=t", "-c", "user.email=t@example.com", ...args]);
    await git("init", "--quiet");
    await git("add", "app");
    await git("commit", "--quiet", "--message", message);
    return (await git("rev-parse", "HEAD")).trim();
  }

  /** Creates the stack, after removing what an interrupted run left in the cluster. */
  async create(): Promise<void> {
    await this.#removeNamespace();
    await this.ok("stack", "init", this.stack);
    this.#isCreated = true;
  }

  /** Creates the stack and runs its first `up`. @param web settings of the web application */
  async deploy(web: object = {}): Promise<void> {
    this.set("web", web);
    await this.create();
    await this.up();
  }

  /** Runs `pulumi` in the checkout, whatever its exit code. */
  pulumi(...args: string[]): Promise<RunResult> {
    return attempt(["pulumi", ...args, "--non-interactive"], { cwd: this.folder, env: this.env });
  }

  /** Runs `pulumi` and returns its standard output. @throws Error with its output if it fails */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
    return stdout;
  }

  up = (...args: string[]): Promise<string> => this.ok("up", "--yes", "--skip-preview", "--stack", this.stack, ...args);

  /** Runs `pulumi` and returns its output. @throws Error if it succeeds */
  async fails(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(...args);
    if (code === 0) throw new Error(`pulumi ${args.join(" ")} succeeded:\n${stdout}`);
    return stdout + stderr;
  }

  failingUp = (...args: string[]): Promise<string> => this.fails("up", "--yes", "--stack", this.stack, ...args);

  preview = (...args: string[]): Promise<RunResult> => this.pulumi("preview", "--stack", this.stack, ...args);

  failingPreview = (...args: string[]): Promise<string> => this.fails("preview", "--stack", this.stack, ...args);

  /** Previews a change of the settings that must be refused, and takes the change back. */
  async refusedPreview(change: Change): Promise<string> {
    const before = readFileSync(this.stackFile, "utf8");
    this.configure(change);
    try {
      return await this.failingPreview();
    } finally {
      writeFileSync(this.stackFile, before);
    }
  }

  /** Asserts that a preview has nothing to do. @returns what it printed on standard error */
  async assertNoChanges(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.preview("--expect-no-changes", ...args);
    assert.equal(code, 0, stdout + stderr);
    return stderr;
  }

  /** Steps of a preview. */
  async steps(): Promise<Step[]> {
    return JSON.parse(await this.ok("preview", "--json", "--stack", this.stack)).steps;
  }

  async output(name: string): Promise<string> {
    return (await this.ok("stack", "output", name, "--stack", this.stack)).trim();
  }

  async outputJson(name: string): Promise<Anything> {
    return JSON.parse(await this.ok("stack", "output", name, "--json", "--stack", this.stack));
  }

  /** Resources and outputs in the stack's state. */
  async deployment(): Promise<Anything> {
    return JSON.parse(await this.ok("stack", "export", "--stack", this.stack)).deployment;
  }

  /** Runs one of the repository's commands in the checkout, whatever its exit code. */
  command(script: string, args: readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
    const argv = [process.execPath, join(repository, "commands", script), ...args];
    return attempt(argv, { cwd: this.folder, env: this.env, ...options });
  }

  /** Runs `kubectl` in the project's namespace. @throws Error if it fails */
  async kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await attempt(["kubectl", "--namespace", this.namespace, ...args], {
      env: this.env,
    });
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} failed:\n${stderr}`);
    return stdout;
  }

  /** Reads a field. @param target objects, for example `pods` or `pod/database-0` @param path in the language of JSONPath */
  async field(target: string, path: string): Promise<string> {
    return (await this.kubectl("get", target, `--output=jsonpath={${path}}`)).trim();
  }

  /** Reads the objects of some kinds. */
  async objects(kinds: string, ...args: string[]): Promise<Anything[]> {
    return JSON.parse(await this.kubectl("get", kinds, ...args, "--output=json")).items;
  }

  /** Names of the namespaced kinds of objects that can be listed. */
  async kinds(): Promise<string[]> {
    const names = await this.kubectl("api-resources", "--namespaced", "--verbs=list", "--output=name");
    return names.trim().split("\n");
  }

  /** Starts the Job of the backups' CronJob now. */
  async startBackup(name: string): Promise<void> {
    const cronJob = (await this.kubectl("get", "cronjobs", "--output=name")).trim();
    await this.kubectl("create", "job", `--from=${cronJob}`, name);
  }

  /** @throws AssertionError while a pod is stopping: the pods that an update has replaced need a while */
  async noneStopping(namespace = this.namespace): Promise<void> {
    const pods = await this.kubectl("get", "pods", "--output=json", `--namespace=${namespace}`);
    assert.doesNotMatch(pods, /deletionTimestamp/);
  }

  /** Runs psql in a container beside the database's server, and returns its output. @throws Error if it fails */
  async query(sql: string, database = "app", server = "database"): Promise<string> {
    const psql = ["psql", "-qAt", `--dbname=${database}`, `--command=${sql}`];
    return (await this.kubectl("exec", `${server}-0`, "--container=logins", "--", ...psql)).trim();
  }

  /** Destroys the stack, also a protected one, and its volumes. @throws Error if that fails, after removing the namespace */
  async destroy(): Promise<void> {
    if (!this.#isCreated) return;
    await this.pulumi("state", "unprotect", "--all", "--yes", "--stack", this.stack);
    const { code, stdout, stderr } = await this.pulumi("destroy", "--yes", "--skip-preview", "--stack", this.stack);
    await this.#removeNamespace();
    if (code !== 0) throw new Error(`pulumi destroy --stack ${this.stack} failed:\n${stdout}\n${stderr}`);
  }

  /** Destroys the stack and removes the checkout. @throws Error if the stack cannot be destroyed */
  async remove(): Promise<void> {
    try {
      await this.destroy();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** Removes the namespace, and the volumes of its claims and of environments beside it: their storage class retains them. */
  async #removeNamespace(): Promise<void> {
    const volumes = await this.objects("pv");
    const own = volumes.filter(({ spec }) => `${spec.claimRef?.namespace}-`.startsWith(`${this.namespace}-`));
    const policy = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Delete" } });
    for (const { metadata } of own) await this.kubectl("patch", "pv", metadata.name, "--patch", policy);
    await this.kubectl("delete", "namespace", this.namespace, "--ignore-not-found", "--timeout=300s");
  }
}
