import { mkdirSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { run } from "../sandbox/command.ts";
import type { Project } from "../tests/e2e/project.ts";

/** Resource in `pulumi stack export`. */
interface Resource {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object of any kind
  readonly outputs?: any;
}

/** Types that the chart leaves out: Jobs have run, and Helm creates the namespace. */
const leftOut = /:(Job|Namespace)$/;

/** Baseline: a project's objects, deployed by Helm into another namespace. */
export class ByHelm {
  readonly #project: Project;
  readonly #namespace: string;
  readonly #chart: string;

  /** @param project project that is deployed before {@link install} */
  constructor(project: Project) {
    this.#project = project;
    this.#namespace = `${project.namespace}-by-helm`;
    this.#chart = project.path("chart");
  }

  /** Creates and installs a chart of the project's objects, with the image as its only value. */
  async install(): Promise<void> {
    const { stack, namespace } = this.#project;
    const state = JSON.parse(await this.#project.ok("stack", "export", "--show-secrets", "--stack", stack));
    const image = await this.#project.output("image");
    const here = (type: RegExp, not = /^$/) =>
      (state.deployment.resources as Resource[])
        .filter((resource) => type.test(resource.type) && !not.test(resource.type) && resource.outputs)
        .map(({ outputs }) => JSON.stringify(plain(outputs.__inputs)).replaceAll(namespace, this.#namespace));
    const objects = here(/^kubernetes:/, leftOut);
    mkdirSync(`${this.#chart}/templates`, { recursive: true });
    writeFileSync(`${this.#chart}/Chart.yaml`, stringify({ apiVersion: "v2", name: "app", version: "1.0.0" }));
    const templates = objects.map((text) => text.replaceAll(image, "{{ .Values.image }}"));
    writeFileSync(`${this.#chart}/templates/all.yaml`, templates.join("\n---\n"));
    await this.#helm("upgrade", "--install", "app", this.#chart, "--create-namespace", `--set=image=${image}`);
    // It has a database of its own, which needs the project's migration.
    const migration = here(/:Job$/).find((text) => text.includes('"name":"migration"'));
    const kubectl = (...args: string[]) => run(["kubectl", `--namespace=${this.#namespace}`, ...args], options);
    const options = { env: this.#project.env, input: migration };
    const job = (await kubectl("create", "--filename=-", "--output=name")).trim();
    await kubectl("wait", job, "--for=condition=Complete", "--timeout=180s");
  }

  /** Rolls out another image and waits until it serves. */
  upgrade = (image: string): Promise<string> =>
    this.#helm("upgrade", "app", this.#chart, "--wait", "--timeout=180s", `--set=image=${image}`);

  /** @throws AssertionError if a pod is stopping */
  async noneStopping(): Promise<void> {
    await this.#project.noneStopping(this.#namespace);
  }

  /** Removes the namespace, if it exists. */
  async remove(): Promise<void> {
    await this.#project.kubectl("delete", "namespace", this.#namespace, "--ignore-not-found", "--timeout=300s");
  }

  #helm(...args: string[]): Promise<string> {
    return run(["helm", ...args, "--namespace", this.#namespace], { env: this.#project.env });
  }
}

/** Value without the wrappers of the engine's secrets. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value) {
    const { plaintext } = value as { plaintext?: string };
    return JSON.parse(plaintext ?? "null");
  }
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
