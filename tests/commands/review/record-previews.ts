import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repository } from "../../../sandbox/paths.ts";
import { Project } from "../../e2e/project.ts";

/**
 * Records the output of `pulumi preview --json` in the sandbox, for the tests of reviews. Takes three minutes, and
 * deletes what it deployed: npm run syft && node tests/commands/review/record-previews.ts
 */
const folder = join(import.meta.dirname, "previews");

// biome-ignore lint/suspicious/noExplicitAny: settings and states of any shape
type Any = any;

/** Properties that no review reads, or that differ between machines. */
const noise =
  /^(sourcePosition|stackTrace|dependencies|propertyDependencies|created|modified|resourceHooks|__inputs|__fieldManager|managedFields|resourceVersion|uid|creationTimestamp)$/;

/** Removes noise and the paths of this machine from a preview. */
function tidy(text: string, paths: string[]): string {
  const preview = JSON.parse(text);
  preview.duration = 1_000_000_000;
  // recorded.ts puts these back: they differ from many-0 only by the number.
  preview.steps = preview.steps?.filter(({ urn }: { urn: string }) => !/::many-[1-9]\d*$/.test(urn));
  for (const step of preview.steps ?? []) {
    if (step.op === "refresh") {
      delete step.oldState;
      delete step.newState;
    }
    const drifted = step.newState?.outputs && step.op !== "replace";
    for (const state of [step.oldState, step.newState]) if (state && !drifted && state.custom) delete state.outputs;
  }
  const small = JSON.stringify(preview, (key, value) => (noise.test(key) ? undefined : value), 1);
  return `${paths.reduce((all, path) => all.replaceAll(path, "/checkout"), small)}\n`;
}

const record = (project: Project, name: string, ...args: string[]): Promise<void> =>
  recordOutput(project, name, "preview", ...args);

const recordRefresh = (project: Project, name: string, ...args: string[]): Promise<void> =>
  recordOutput(project, name, "refresh", "--preview-only", ...args);

async function recordOutput(project: Project, name: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await project.pulumi(...args, "--json");
  if (!stdout.startsWith("{")) throw new Error(`${name}: ${stdout}${stderr}`);
  // The modules may be a link to another folder.
  const modules = dirname(realpathSync(join(repository, "node_modules")));
  writeFileSync(join(folder, `${name}.json`), tidy(stdout, [project.folder, repository, modules]));
  console.log(`${name}: exit code ${code}`);
}

/** Restores a file after work that may change it. */
async function restoring(project: Project, path: string, work: () => Promise<void>) {
  const before = readFileSync(project.path(path), "utf8");
  await work();
  writeFileSync(project.path(path), before);
}

/** Makes a commit with the same time and author on every machine. */
function commit(project: Project, message: string): void {
  const at = "2026-01-02T03:04:05Z";
  const author = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"];
  const git = (...args: string[]) =>
    execFileSync("git", [...author, ...args], {
      cwd: project.folder,
      env: { ...process.env, GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at },
    });
  git("init", "--quiet");
  git("add", "app");
  git("commit", "--quiet", "--message", message);
}

async function application(): Promise<void> {
  const project = new Project("review");
  const next = "review-next";
  const stack = ["--stack", project.stack];
  try {
    project.configure((config) => {
      Object.assign(config["slipway:release"], { repository: "localhost:5000/review-previews", name: "v1.1" });
    });
    commit(project, "Keep messages");
    await project.create();
    await record(project, "create", ...stack);
    await project.up();
    await record(project, "unchanged", ...stack);

    const setting = (name: string, change: (config: Any) => void, ...args: string[]) =>
      restoring(project, "Pulumi.review.yaml", async () => {
        project.configure(change);
        await record(project, name, ...stack, ...args);
      });
    await setting("port", (c) => (c["slipway:web"].port = 8080));
    await setting("replicas", (c) => (c["slipway:web"].replicas = 4));
    await setting("autoscaled", (c) => (c["slipway:web"].replicas = { min: 3, max: 10 }));
    await setting("variable", (c) => (c["slipway:web"].environment.LOG_LEVEL = "debug"));
    await setting("storage-grown", (c) => (c["slipway:database"].storage = "2Gi"));
    await setting("storage-shrunk", (c) => (c["slipway:database"].storage = "512Mi"));
    await setting("protected", (c) => (c["slipway:database"].protect = true));
    await setting("postgres-minor", (c) => (c["slipway:database"].image = "postgres:17.9"));
    await setting("postgres-major", (c) => (c["slipway:database"].image = "postgres:18"));
    await setting("namespace", (c) => (c["slipway:namespace"] = "elsewhere"));
    await setting("wrong-setting", (c) => (c["slipway:web"].port = "http"));
    await setting("backups", (c) => (c["slipway:database"].backups = { keep: 7 }));
    await restoring(project, "Pulumi.review.yaml", async () => {
      await project.ok("config", "set", ...stack, "--secret", "databasePassword", "another-password");
      await record(project, "password", ...stack);
      await record(project, "password-steps", ...stack, "--show-replacement-steps");
    });
    const policy = /\n {2}new k8s\.networking\.v1\.NetworkPolicy\(\n {4}name,[\s\S]*?\n {2}\);/;
    await restoring(project, "components/web/traffic.ts", async () => {
      project.edit("components/web/traffic.ts", (text) => text.replace(policy, ""));
      await record(project, "policy-removed", ...stack);
    });
    const deny = /\n {4}new k8s\.networking\.v1\.NetworkPolicy\(\n {6}`\$\{name\}-deny`,[\s\S]*?\n {4}\);/;
    await restoring(project, "components/namespace.ts", async () => {
      project.edit("components/namespace.ts", (text) => text.replace(deny, ""));
      await record(project, "deny-removed", ...stack);
    });

    const [deployment = ""] = (await project.kubectl("get", "deployments", "--output", "name")).trim().split("\n");
    await project.kubectl("scale", deployment, "--replicas=1");
    await project.kubectl("delete", "poddisruptionbudget", "--all");
    await record(project, "drift", ...stack, "--refresh");
    await recordRefresh(project, "drift-alone", ...stack);

    // The next environment runs v1.1 while this one moves on to v1.2.
    cpSync(project.path("Pulumi.review.yaml"), project.path(`Pulumi.${next}.yaml`));
    await project.ok("stack", "init", next);
    const file = `Pulumi.${next}.yaml`;
    project.edit(file, (text) => text.replace(/noticeboard-review$/m, `noticeboard-${next}`));
    project.edit(file, (text) => text.replace(/\n {4}build:(\n {6}.+)+/, "\n    promoteFrom: review"));
    await project.ok("config", "set", "--stack", next, "--secret", "databasePassword", "of-the-next");
    await project.ok("up", "--yes", "--skip-preview", "--stack", next);
    project.edit("app/noticeboard/page.html", (text) => text.replace("<h1>Noticeboard", "<h1>Our noticeboard"));
    commit(project, "Say whose noticeboard it is");
    project.edit("app/noticeboard/page.html", (text) => text.replace("<h1>Our", "<h1>Your"));
    project.edit("app/migrations/env.py", (text) => `${text}# something to migrate\n`);
    commit(project, "Speak to the reader");
    project.configure((config) => (config["slipway:release"].name = "v1.2"));
    await record(project, "release", ...stack);
    await project.up();
    project.edit(file, (text) => text.replace("name: v1.1", "name: v1.2"));
    await record(project, "promotion", "--stack", next);
    project.edit(file, (text) => text.replace("name: v1.2", "name: v1.3"));
    await record(project, "never-verified", "--stack", next);
  } finally {
    await project.pulumi("destroy", "--yes", "--skip-preview", "--stack", next);
    await project.remove();
  }
}

async function plain(): Promise<void> {
  const project = new Project("plain");
  const stack = ["--stack", "plain"];
  try {
    cpSync(join(import.meta.dirname, "plain"), project.folder, { recursive: true });
    writeFileSync(project.path("Pulumi.plain.yaml"), "{}\n");
    await project.create();
    await project.ok("config", "set", ...stack, "--secret", "token", "hunter2-hunter2");
    await project.up();
    const change = async (name: string, changes: string, ...args: string[]) => {
      await project.ok("config", "set", ...stack, "change", JSON.stringify(changes.split(",")));
      await record(project, name, ...stack, ...args);
    };
    await change("plain-shrunk", "shrink");
    await change("plain-class", "class");
    await change("plain-class-steps", "class", "--show-replacement-steps");
    await change("plain-namespace", "namespace");
    await change("plain-forgotten", "forget");
    await change("plain-unprotected", "lift");
    await change("plain-image", "image");
    await change("plain-replaced", "selector");
    await change("plain-replaced-steps", "selector", "--show-replacement-steps");
    await change("plain-secrets", "secrets", "--show-secrets");
    await change("plain-hostile", "hostile");
    await change("plain-many", "many,image");
    await change("plain-unreachable", "unreachable,many");
    await change("plain-thrown", "throw,image");
    await project.ok("config", "rm", ...stack, "change");
    const namespace = ["--namespace", "review-plain"];
    await project.kubectl(...namespace, "scale", "deployment/all", "--replicas=1");
    await project.kubectl(...namespace, "patch", "configmap/settings", "--patch", '{"data":{"a":"2"}}');
    await recordRefresh(project, "plain-drift-alone", ...stack);
  } finally {
    await project.pulumi("state", "unprotect", "--all", "--yes", ...stack);
    await project.remove();
    await project.kubectl("delete", "namespace", "review-plain", "--ignore-not-found");
  }
}

mkdirSync(folder, { recursive: true });
await plain();
await application();
