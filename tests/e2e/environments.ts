import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { stackFiles } from "../../releases/stack-files.ts";
import { inSandbox } from "../../sandbox/environments.ts";
import { repository } from "../../sandbox/places.ts";
import { Project } from "./project.ts";

/** Before any other port of the node that something here is served on. */
const firstPlace = 10;

/** One more environment in a project's checkout: a committed stack file, as the sandbox runs it. */
export class Environment extends Project {
  /**
   * @param checkout project beside which it runs, from whose repository its images come
   * @param place among the environments there, from 0; decides about the node's port
   * @param committed stack whose committed file it has
   */
  constructor(stack: string, checkout: Project, place: number, committed = stack) {
    super(stack, checkout);
    const file = stackFiles(repository).find((each) => each.stack === committed);
    if (!file) throw new Error(`there is no Pulumi.${committed}.yaml`);
    const config = inSandbox({ ...file, stack }, firstPlace + place, "v1.1");
    writeFileSync(this.path(`Pulumi.${stack}.yaml`), stringify({ config }));
    this.configure((config) => {
      config["slipway:namespace"] = this.namespace;
      config["slipway:release"].repository = imagesOf(checkout);
    });
  }

  /** Creates the stack; with a password for its database. */
  override async create(): Promise<void> {
    await super.create();
    await this.ok("config", "set", "--stack", this.stack, "--secret", "databasePassword", `of-${this.stack}-alone`);
  }

  /** Sets the line that a promotion changes. */
  release(name: string): void {
    this.configure((config) => {
      config["slipway:release"].name = name;
    });
  }
}

/** The repository of a project's images, for it alone. */
export const imagesOf = ({ stack }: Project): string => `localhost:5000/noticeboard-${stack}`;
