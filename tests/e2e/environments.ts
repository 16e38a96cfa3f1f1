import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { ensureAddons } from "../../sandbox/addons.ts";
import { inSandbox } from "../../sandbox/environments.ts";
import { repository } from "../../sandbox/paths.ts";
import { stackFiles } from "../../settings/stack-files.ts";
import { Project } from "./project.ts";

/** One more environment in a project's checkout: a committed stack file, as the sandbox runs it. */
export class Environment extends Project {
  /**
   * @param checkout project beside which it runs, from whose repository its images come
   * @param committed stack whose committed file it has
   */
  constructor(stack: string, checkout: Project, committed = stack) {
    super(stack, checkout);
    const file = stackFiles(repository).find((each) => each.stack === committed);
    if (!file) throw new Error(`there is no Pulumi.${committed}.yaml`);
    const config = inSandbox({ ...file, stack }, 0, "v1.1");
    writeFileSync(this.path(`Pulumi.${stack}.yaml`), stringify({ config }));
    this.configure((config) => {
      config["slipway:namespace"] = this.namespace;
      // The committed host is that of the sandbox's own environment.
      config["slipway:web"].host = `${this.namespace}.example.com`;
      config["slipway:release"].repository = imagesOf(checkout);
    });
  }

  /** Creates the stack, with a password for its database, once the sandbox has what serves its host. */
  override async create(): Promise<void> {
    await ensureAddons([parse(readFileSync(this.path(`Pulumi.${this.stack}.yaml`), "utf8")).config]);
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
