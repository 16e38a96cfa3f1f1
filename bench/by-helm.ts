import { mkdirSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { run } from "../sandbox/command.ts";
import type { Project } from "../tests/e2e/project.ts";

/** A resource of a stack, as `pulumi stack export` has it. */
interface Resource {
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object, whose shape its kind tells
  readonly outputs?: any;
}

/** What belongs to Pulumi's way, or exists once only: Jobs have run, and Helm makes the namespace. */
const leftOut = /:(Job|Namespace)$/;

/** The same objects as a project's, deployed by Helm into a namespace beside it: what an update is held against. */
export class ByHelm {
  readonly #project: Project;
  readonly #namespace: string;
  readonly #chart: string;

  /** @param project has to be deployed before {@link install} */
  constructor(project: Project) {
    this.#project = project;
    this.#namespace = `${project.namespace}-by-helm`;
    this.#chart = project.path("chart");
  }

  /** Makes a chart of the project's objects, whose one value is the image that serves, and installs it. */
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
    // Its database is another one, whose schema is made as the project's was.
    const migration = here(/:Job$/).find((text) => text.includes('"name":"migration"'));
    const kubectl = (...args: string[]) => run(["kubectl", `--namespace=${this.#namespace}`, ...args], options);
    const options = { env: this.#project.env, input: migration };
    const job = (await kubectl("create", "--filename=-", "--output=name")).trim();
    await kubectl("wait", job, "--for=condition=Complete", "--timeout=180s");
  }

  /** Runs another image, and waits until it serves. */
  upgrade = (image: string): Promise<string> =>
    this.#helm("upgrade", "app", this.#chart, "--wait", "--timeout=180s", `--set=image=${image}`);

  /** @throws AssertionError while a pod is stopping */
  async noneStopping(): Promise<void> {
    await this.#project.noneStopping(this.#namespace);
  }

  /** Removes all of it, if there is any. */
  async remove(): Promise<void> {
    await this.#project.kubectl("delete", "namespace", this.#namespace, "--ignore-not-found", "--timeout=300s");
  }

  #helm(...args: string[]): Promise<string> {
    return run(["helm", ...args, "--namespace", this.#namespace], { env: this.#project.env });
  }
}

/** Without the wrappers in which the engine keeps secrets. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value) {
    const { plaintext } = value as { plaintext?: string };
    return JSON.parse(plaintext ?? "null");
  }
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
