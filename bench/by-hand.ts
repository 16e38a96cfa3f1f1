import { run } from "../sandbox/command.ts";
import type { Project } from "../tests/e2e/project.ts";

/** Baseline: commands that people would type without Slipway, for an application that a project has deployed. */
export class ByHand {
  readonly #project: Project;
  #builds = 0;

  constructor(project: Project) {
    this.#project = project;
  }

  /** Builds and pushes an image. @returns its name */
  async build(): Promise<string> {
    const image = `localhost:5000/noticeboard:by-hand-${process.pid}-${++this.#builds}`;
    const context = this.#project.path("app");
    await run(
      ["buildctl", "build", "--frontend=dockerfile.v0"].concat(
        ...["--local", `context=${context}`, "--local", `dockerfile=${context}`],
        ...["--output", `type=image,name=${image},push=true`],
      ),
      { env: this.#project.env },
    );
    return image;
  }

  /** Migrates the database by a copy of the existing Job with another image, and waits for it. */
  async migrate(image: string): Promise<void> {
    const jobs = await this.#project.kubectl("get", "jobs", "--selector=app.kubernetes.io/name=web", "--output=json");
    const { spec } = JSON.parse(jobs).items[0];
    const [container] = spec.template.spec.containers;
    const ofController = /controller-uid|job-name/;
    const labels = Object.entries(spec.template.metadata.labels).filter(([label]) => !ofController.test(label));
    const job = {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { generateName: "by-hand-" },
      spec: {
        template: {
          metadata: { labels: Object.fromEntries(labels) },
          spec: { ...spec.template.spec, containers: [{ ...container, image }] },
        },
      },
    };
    const create = ["kubectl", "--namespace", this.#project.namespace, "create", "--filename=-", "--output=name"];
    const created = await run(create, { env: this.#project.env, input: JSON.stringify(job) });
    await this.#project.kubectl("wait", created.trim(), "--for=condition=Complete", "--timeout=120s");
  }

  /** Rolls out another image and waits until it serves. */
  async rollOut(image: string): Promise<void> {
    const [deployment = ""] = (await this.#project.kubectl("get", "deployments", "--output=name")).trim().split("\n");
    await this.#project.kubectl("set", "image", deployment, `web=${image}`);
    await this.#project.kubectl("rollout", "status", deployment);
  }
}
