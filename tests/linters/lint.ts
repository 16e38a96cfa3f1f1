import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Fields } from "../../commands/cli/fields.ts";
import { attempt } from "../../sandbox/command.ts";
import { paths } from "../../sandbox/paths.ts";
import { hadolint } from "./hadolint.ts";
import { kubernetesVersion, schemaFolder } from "./schemas.ts";

/** Finding of a linter. */
export interface Finding {
  readonly linter: "pod-security" | "kubeconform" | "kube-score" | "hadolint";
  /** Name of the rule in the linter. */
  readonly check: string;
  /** Kind and name of an object, as in `Deployment web-0a1b2c3d`, or a file. */
  readonly object: string;
  /** Message, with the path in the object. */
  readonly detail: string;
}

/** Linter of manifests. @throws Error if it cannot run */
export type Linter = (objects: Fields[]) => Promise<Finding[]>;

/** Checks pods as the API server's admission does, at its strictest level. */
export const podSecurity: Linter = async (objects) => {
  const printed = await runLinter([join(paths.bin, "pod-security"), "restricted"], JSON.stringify(objects));
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const { kind, name, check, detail } = JSON.parse(line);
      return { linter: "pod-security", check, object: `${kind} ${name}`, detail };
    });
};

/** Checks every field and its type against the API's schemas. */
export const kubeconform: Linter = async (objects) => {
  if (!existsSync(schemaFolder())) throw new Error(`there are no schemas; ${remedy}`);
  const location = join(schemaFolder(), "{{.ResourceKind}}{{.KindSuffix}}.json");
  const argv = [join(paths.bin, "kubeconform"), "-strict", "-output", "json", "-schema-location", location, "-"];
  const { resources } = JSON.parse(await runLinter(argv, documents(objects), 1));
  return (resources as Record<"kind" | "name" | "status" | "msg", string>[]).map(({ kind, name, status, msg }) => ({
    linter: "kubeconform",
    check: status,
    object: `${kind} ${name}`,
    detail: msg,
  }));
};

/** Optional checks of kube-score that agree with the others; the rest require requests to equal limits. */
const optionalChecks = ["container-seccomp-profile", "container-ports-check", "container-memory-requests-equal-limits"];

/** Checks that objects fit together and are ready for production. Warnings count. */
export const kubeScore: Linter = async (objects) => {
  const version = kubernetesVersion().replace(/\.\d+$/, "");
  const argv = [join(paths.bin, "kube-score"), "score", "--kubernetes-version", version, "--output-format", "json"];
  const enable = optionalChecks.flatMap((check) => ["--enable-optional-test", check]);
  const scored: Scored[] = JSON.parse(await runLinter([...argv, ...enable, "-"], documents(objects), 1));
  return scored.flatMap(({ type_meta, object_meta, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < 10)
      .flatMap(({ check, comments }) =>
        (comments ?? [{ path: "", summary: check.name }]).map(({ path, summary }) => ({
          linter: "kube-score" as const,
          check: check.id,
          object: `${type_meta.kind} ${object_meta.name}`,
          detail: path ? `${path}: ${summary}` : summary,
        })),
      ),
  );
};

/** Object in kube-score's output. Grades: 10 is good, 1 is critical. */
interface Scored {
  type_meta: { kind: string };
  object_meta: { name: string };
  checks: {
    check: { id: string; name: string };
    grade: number;
    skipped: boolean;
    comments: { path: string; summary: string }[] | null;
  }[];
}

/** Linters of manifests. */
export const linters: readonly Linter[] = [podSecurity, kubeconform, kubeScore];

/** Findings of all linters in the objects of an environment. */
export async function lintObjects(objects: Fields[]): Promise<Finding[]> {
  return (await Promise.all(linters.map((linter) => linter(objects)))).flat();
}

/** Findings of hadolint in the text of a Dockerfile. */
export async function lintDockerfile(text: string): Promise<Finding[]> {
  const findings: { code: string; line: number; message: string }[] = JSON.parse(
    await runLinter([hadolint, "--no-fail", "--format", "json", "-"], text),
  );
  return findings.map(({ code, line, message }) => ({
    linter: "hadolint",
    check: code,
    object: "Dockerfile",
    detail: `line ${line}: ${message}`,
  }));
}

const documents = (objects: Fields[]): string => objects.map((object) => `---\n${JSON.stringify(object)}\n`).join("");

const remedy = "node tests/linters/prepare.ts makes what is missing";

/** Output of a linter. @param findings its exit code if it has findings */
async function runLinter(argv: string[], input: string, findings = 0): Promise<string> {
  const { code, stdout, stderr } = await attempt(argv, { input }).catch((error: Error) => {
    throw new Error(`${argv[0]} cannot be run: ${error.message}; ${remedy}`);
  });
  if (code === 0 || (code === findings && stdout !== "")) return stdout;
  throw new Error(`${argv[0]} failed (exit code ${code}): ${stderr || stdout}`);
}
