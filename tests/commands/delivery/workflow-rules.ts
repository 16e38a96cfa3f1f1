import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

// biome-ignore lint/suspicious/noExplicitAny: workflows, as GitHub reads them
type Yaml = any;

/** Workflows and local actions, by path below .github. */
export type Files = Readonly<Record<string, string>>;

export function committed(): Files {
  const names = readdirSync(".github", { recursive: true, encoding: "utf8" });
  const wanted = names.filter((name) => /^(workflows|actions)\/.*\.yml$/.test(name));
  return Object.fromEntries(wanted.map((name) => [name, readFileSync(join(".github", name), "utf8")]));
}

/** Permissions of each job, besides reading the source. */
const granted: Readonly<Record<string, Record<string, string>>> = {
  "workflows/tests.yml unit": {},
  "workflows/tests.yml sandbox": {},
  "workflows/previews.yml preview": { "id-token": "write" },
  "workflows/previews.yml comment": { "pull-requests": "write" },
  "workflows/pull-request-environment.yml up": { "id-token": "write" },
  "workflows/pull-request-environment.yml down": { "id-token": "write" },
  "workflows/release.yml test": { "id-token": "write" },
  "workflows/release.yml propose": { actions: "write", contents: "write", "pull-requests": "write" },
  "workflows/promoted.yml deploy": { actions: "read", "id-token": "write", "pull-requests": "read" },
  "workflows/promoted.yml propose": { actions: "write", contents: "write", "pull-requests": "write" },
  "workflows/drift.yml check": { "id-token": "write" },
  "workflows/drift.yml issue": { issues: "write" },
};

/** Permissions of a job that calls another workflow: all permissions of its jobs. */
const callers = { actions: "write", contents: "write", "id-token": "write", "pull-requests": "write" };

const ownRepository = "github.event.pull_request.head.repo.full_name == github.repository";
const byPerson = "github.event.pull_request.user.login != 'dependabot[bot]'";
const command = /^(npm ci|npm test|\.ci\/run|npm run ([a-z-]+)( -- [^\n|&;<>`]*)?)$/;

/** Checks workflows for unsafe or missing settings. @returns a sentence for each problem */
export function problemsOf(files: Files): string[] {
  const scripts: Record<string, string> = JSON.parse(readFileSync("package.json", "utf8")).scripts;
  return Object.entries(files).flatMap(([name, text]) => {
    const at = (problem: string) => `${name}: ${problem}`;
    const workflow = parse(text);
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, used = ""]) => used);
    return [
      ...uses
        .filter((used) => !used.startsWith("./") && !/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(used))
        .map((used) => at(`${used} is not pinned to a commit, followed by its version`)),
      ...stepsOf(workflow)
        .flatMap((step) => stepProblems(step, scripts))
        .map(at),
      ...(name.startsWith("workflows/") ? workflowProblems(name, workflow) : []).map(at),
    ];
  });
}

const stepsOf = (file: Yaml): Yaml[] => [
  ...(file.runs?.steps ?? []),
  ...Object.values<Yaml>(file.jobs ?? {}).flatMap(({ steps = [] }) => steps),
];

function stepProblems({ run, uses = "", with: options }: Yaml, scripts: Record<string, string>): string[] {
  const [, , script] = command.exec(run ?? "") ?? [];
  return [
    ...(run && (!command.test(run) || run.length > 100) ? [`"${run}" is more than a call of an npm script`] : []),
    ...(run?.includes("${{") ? [`"${run}" passes untrusted text to a shell`] : []),
    ...(script && !scripts[script] ? [`there is no npm run ${script}`] : []),
    ...(uses.startsWith("actions/checkout@") && options?.["persist-credentials"] !== false
      ? ["a checkout stores its credentials"]
      : []),
    ...(uses === "./.github/actions/ready" && options?.role && options.kubeconfig !== `\${{ secrets.KUBECONFIG }}`
      ? ["a job with a role has no kubeconfig for clusters without EKS"]
      : []),
  ];
}

function workflowProblems(name: string, { on, permissions, jobs }: Yaml): string[] {
  const events = Object.keys(typeof on === "object" ? on : { [on]: null });
  const foreign = events.filter((event) => /^(pull_request_target|workflow_run|issue_comment)$/.test(event));
  return [
    ...foreign.map((event) => `runs on ${event}, which gives forks credentials`),
    ...(Object.keys(permissions ?? { all: "" }).length > 0 ? ["does not start without permissions"] : []),
    ...Object.entries<Yaml>(jobs).flatMap(([job, all]) =>
      jobProblems(`${name} ${job}`, all, events, jobs).map((problem) => `${job}: ${problem}`),
    ),
  ];
}

function jobProblems(name: string, job: Yaml, events: readonly string[], jobs: Yaml): string[] {
  const wanted = job.uses ? callers : { contents: "read", ...granted[name] };
  const sorted = (object: object) => JSON.stringify(Object.entries(object).sort());
  const problems = [
    ...(sorted(job.permissions ?? {}) === sorted(wanted) ? [] : [`its permissions are not ${sorted(wanted)}`]),
  ];
  // Otherwise the called workflow has no secrets: https://github.com/actions/runner/issues/4453
  if (job.uses)
    return job.secrets === "inherit" ? problems : [...problems, "does not pass secrets to the called workflow"];
  const environment: string | undefined = job.environment?.name ?? job.environment;
  const { "id-token": cloud, ...others } = job.permissions ?? {};
  const requires = (condition: string, each: Yaml = job): boolean =>
    each.if?.includes(condition) || (each.needs && requires(condition, jobs[each.needs]));
  const powerful = environment || Object.values(job.permissions ?? {}).includes("write");
  const onPull = events.includes("pull_request") && powerful;
  // The base branch contains only reviewed code.
  const onlyMerged = job.steps.some((step: Yaml) => step.with?.ref === `\${{ github.base_ref }}`);
  const group: string = job.concurrency?.group ?? "";
  const deploys = environment && !/-(preview|drift)$/.test(environment);
  return [
    ...problems,
    ...(job["timeout-minutes"] <= 120 ? [] : ["has no timeout"]),
    ...(cloud && !environment ? ["has credentials of the cloud without an environment"] : []),
    ...(cloud && Object.values(others).includes("write") ? ["can write to the repository and in the cloud"] : []),
    ...(deploys && !(group.startsWith("stack-") && job.concurrency["cancel-in-progress"] === false)
      ? ["deploys in parallel with another deployment, or can be cancelled"]
      : []),
    ...(onPull && !requires(ownRepository) ? ["is open to forks"] : []),
    ...(onPull && !onlyMerged && !requires(byPerson) ? ["is open to updates of dependencies"] : []),
  ];
}
