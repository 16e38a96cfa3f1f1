import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repository } from "../../../sandbox/paths.ts";
import { Project } from "../../e2e/project.ts";

/**
 * Records what `pulumi preview --json` says in the sandbox, for the tests of reviews: npm run syft && node tests/commands/review/record-previews.ts.
 * It takes three minutes, and removes what it deployed.
 */
const folder = join(import.meta.dirname, "previews");

// biome-ignore lint/suspicious/noExplicitAny: settings and states of any shape
type Any = any;

/** What every state has and no review looks at, or what only this machine has. */
const noise =
  /^(sourcePosition|stackTrace|dependencies|propertyDependencies|created|modified|resourceHooks|__inputs|__fieldManager|managedFields|resourceVersion|uid|creationTimestamp)$/;

/** The preview without noise, and without the places where this machine keeps things. */
function tidy(text: string, places: string[]): string {
  const preview = JSON.parse(text);
  preview.duration = 1_000_000_000;
  for (const step of preview.steps ?? []) {
    if (step.op === "refresh") {
      delete step.oldState;
      delete step.newState;
    }
    const drifted = step.newState?.outputs && step.op !== "replace";
    for (const state of [step.oldState, step.newState]) if (state && !drifted && state.custom) delete state.outputs;
  }
  const small = JSON.stringify(preview, (key, value) => (noise.test(key) ? undefined : value), 1);
  return `${places.reduce((all, place) => all.replaceAll(place, "/checkout"), small)}\n`;
}

const record = (project: Project, name: string, ...args: string[]): Promise<void> =>
  recordOf(project, name, "preview", ...args);

const recordRefresh = (project: Project, name: string, ...args: string[]): Promise<void> =>
  recordOf(project, name, "refresh", "--preview-only", ...args);

async function recordOf(project: Project, name: string, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await project.pulumi(...args, "--json");
  if (!stdout.startsWith("{")) throw new Error(`${name}: ${stdout}${stderr}`);
  // A worktree may have its modules by a link from elsewhere.
  const modules = dirname(realpathSync(join(repository, "node_modules")));
  writeFileSync(join(folder, `${name}.json`), tidy(stdout, [project.folder, repository, modules]));
  console.log(`${name}: exit code ${code}`);
}

/** Works with a file that it may change, and puts it back. */
async function changed(project: Project, path: string, work: () => Promise<void>) {
  const before = readFileSync(project.path(path), "utf8");
  await work();
  writeFileSync(project.path(path), before);
}

/** A commit with the same time and author on every machine. */
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
      changed(project, "Pulumi.review.yaml", async () => {
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
    await changed(project, "Pulumi.review.yaml", async () => {
      await project.ok("config", "set", ...stack, "--secret", "databasePassword", "another-password");
      await record(project, "password", ...stack);
      await record(project, "password-steps", ...stack, "--show-replacement-steps");
    });
    const policy = /\n {2}new k8s\.networking\.v1\.NetworkPolicy\(\n {4}name,[\s\S]*?\n {2}\);/;
    await changed(project, "components/web/traffic.ts", async () => {
      project.edit("components/web/traffic.ts", (text) => text.replace(policy, ""));
      await record(project, "policy-removed", ...stack);
    });
    const deny = /\n {4}new k8s\.networking\.v1\.NetworkPolicy\(\n {6}`\$\{name\}-deny`,[\s\S]*?\n {4}\);/;
    await changed(project, "components/namespace.ts", async () => {
      project.edit("components/namespace.ts", (text) => text.replace(deny, ""));
      await record(project, "deny-removed", ...stack);
    });

    const [deployment = ""] = (await project.kubectl("get", "deployments", "--output", "name")).trim().split("\n");
    await project.kubectl("scale", deployment, "--replicas=1");
    await project.kubectl("delete", "poddisruptionbudget", "--all");
    console.log(await project.kubectl("get", deployment, "--output", "jsonpath={.spec.replicas}"));
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
    for (const path of ["index.ts", "settings.ts", "schema.ts", "components"])
      rmSync(project.path(path), { recursive: true });
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
    await project.kubectl("--namespace", "review-plain", "scale", "deployment/all", "--replicas=1");
    await project.kubectl(
      "--namespace",
      "review-plain",
      "patch",
      "configmap/settings",
      "--patch",
      '{"data":{"a":"2"}}',
    );
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
