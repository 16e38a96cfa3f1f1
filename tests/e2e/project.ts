import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { attempt, type RunResult } from "../../sandbox/command.ts";
import { environment, repository } from "../../sandbox/paths.ts";

/** What is deployed, and what it takes. */
const program = [
  ...["Pulumi.yaml", "package.json", "index.ts", "startup", "settings", "preflight", "image", "registry", "cluster"],
  ...["components", "diagnosis", "commands"],
];

/** A checkout of its own with a stack of its own, deployed to the sandbox by the real engine. */
export class Project {
  readonly folder: string;
  readonly stack: string;
  readonly namespace: string;
  /** The variables with which every program here runs. */
  readonly env: Record<string, string>;
  #isCreated = false;

  /**
   * @param stack also the end of the namespace's name
   * @param beside project in whose checkout and state it is one more stack, without a stack file so far
   */
  constructor(stack: string, beside?: Project) {
    this.stack = stack;
    this.namespace = `${beside?.namespace ?? "noticeboard"}-${stack}`;
    this.folder = beside?.folder ?? mkdtempSync(join(tmpdir(), "slipway-e2e-"));
    this.env = { ...environment(), PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}` };
    if (beside) return;
    mkdirSync(join(this.folder, "state"));
    for (const path of program) cpSync(join(repository, path), this.path(path), { recursive: true });
    symlinkSync(join(repository, "node_modules"), this.path("node_modules"));
    cpSync(join(repository, "app"), this.path("app"), {
      recursive: true,
      filter: (path) => !/\/(\.venv|__pycache__|\.coverage|\.pytest_cache|\.ruff_cache)/.test(path),
    });
    cpSync(join(repository, "Pulumi.dev.yaml"), this.path(`Pulumi.${stack}.yaml`));
    this.configure((config) => {
      config["slipway:namespace"] = this.namespace;
      config["slipway:web"].nodePort = undefined;
    });
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Changes the stack file. */
  // biome-ignore lint/suspicious/noExplicitAny: settings of any shape, wrong ones too
  configure(change: (config: any) => void): void {
    const path = this.path(`Pulumi.${this.stack}.yaml`);
    const file = parse(readFileSync(path, "utf8"));
    change(file.config);
    writeFileSync(path, stringify(file));
  }

  /** Changes a file of the checkout; fails where that leaves it as it was, as when what is to be replaced is elsewhere now. */
  edit(path: string, change: (text: string) => string): void {
    const before = readFileSync(this.path(path), "utf8");
    const after = change(before);
    assert.notEqual(after, before, `${path} has nothing of what was to be changed`);
    writeFileSync(this.path(path), after);
  }

  /** Creates the stack, where nothing of an interrupted run holds its ports any more. */
  async create(): Promise<void> {
    await this.#removeNamespace();
    await this.ok("stack", "init", this.stack);
    this.#isCreated = true;
  }

  /** Runs `pulumi` in the checkout, whatever comes of it. */
  pulumi(...args: string[]): Promise<RunResult> {
    return attempt(["pulumi", ...args, "--non-interactive"], { cwd: this.folder, env: this.env });
  }

  /** Runs `pulumi`; what it printed. @throws with all of that where it fails */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
    return stdout;
  }

  up = (...args: string[]): Promise<string> => this.ok("up", "--yes", "--skip-preview", "--stack", this.stack, ...args);

  /** Runs an `up` that must fail; all that it printed. */
  async failingUp(): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi("up", "--yes", "--stack", this.stack);
    if (code === 0) throw new Error(`pulumi up succeeded:\n${stdout}`);
    return stdout + stderr;
  }

  preview = (...args: string[]): Promise<RunResult> => this.pulumi("preview", "--stack", this.stack, ...args);

  async output(name: string): Promise<string> {
    return (await this.ok("stack", "output", name, "--stack", this.stack)).trim();
  }

  /** Runs `kubectl` in the project's namespace. @throws where it fails */
  async kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await attempt(["kubectl", "--namespace", this.namespace, ...args], {
      env: this.env,
    });
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")} failed:\n${stderr}`);
    return stdout;
  }

  /** @throws AssertionError while a pod is stopping: those that an update has replaced take a while to go */
  async noneStopping(namespace = this.namespace): Promise<void> {
    assert.doesNotMatch(
      await this.kubectl("get", "pods", "--output=json", `--namespace=${namespace}`),
      /deletionTimestamp/,
    );
  }

  /** Asks the database, from a container beside its server; what psql prints. @throws where it fails */
  async query(sql: string, database = "app", server = "database"): Promise<string> {
    const psql = ["psql", "-qAt", `--dbname=${database}`, `--command=${sql}`];
    return (await this.kubectl("exec", `${server}-0`, "--container=logins", "--", ...psql)).trim();
  }

  /** Destroys it although it may be protected, with its volumes. @throws where that fails; nothing of it is left in the cluster then either */
  async destroy(): Promise<void> {
    if (!this.#isCreated) return;
    await this.pulumi("state", "unprotect", "--all", "--yes", "--stack", this.stack);
    const { code, stdout, stderr } = await this.pulumi("destroy", "--yes", "--skip-preview", "--stack", this.stack);
    await this.#removeNamespace();
    if (code !== 0) throw new Error(`pulumi destroy --stack ${this.stack} failed:\n${stdout}\n${stderr}`);
  }

  /** Destroys what is left and removes the checkout. @throws where that fails */
  async remove(): Promise<void> {
    try {
      await this.destroy();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** Removes the namespace, and the volumes of all claims that it and environments beside it have had: their class retains them. */
  async #removeNamespace(): Promise<void> {
    const { items } = JSON.parse(await this.kubectl("get", "pv", "--output=json")) as { items: Volume[] };
    const own = items.filter(({ spec }) => `${spec.claimRef?.namespace}-`.startsWith(`${this.namespace}-`));
    const policy = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Delete" } });
    for (const { metadata } of own) await this.kubectl("patch", "pv", metadata.name, "--patch", policy);
    await this.kubectl("delete", "namespace", this.namespace, "--ignore-not-found", "--timeout=300s");
  }
}

/** A volume of the cluster, as far as it takes to see whose it is. */
interface Volume {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly claimRef?: { readonly namespace: string } };
}
