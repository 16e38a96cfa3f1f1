import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { ensureAddons } from "../../sandbox/addons.ts";
import { inSandbox } from "../../sandbox/environments.ts";
import { repository } from "../../sandbox/paths.ts";
import { stackFiles } from "../../settings/stack-files.ts";
import { Project } from "./project.ts";

/** Further environment in a project's checkout: a committed stack file, as the sandbox runs it. */
export class Environment extends Project {
  /**
   * @param checkout project whose checkout and images it uses
   * @param committed stack whose committed file it uses
   */
  constructor(stack: string, checkout: Project, committed = stack) {
    super(stack, checkout);
    const file = stackFiles(repository).find((each) => each.stack === committed);
    if (!file) throw new Error(`there is no Pulumi.${committed}.yaml`);
    const config = inSandbox({ ...file, stack }, 0, "v1.1");
    writeFileSync(this.stackFile, stringify({ config }));
    this.configure((config) => {
      config["slipway:namespace"] = this.namespace;
    });
    // The committed host belongs to the sandbox's own environment.
    this.set("web", { host: `${this.namespace}.example.com` });
    this.set("release", { repository: imagesOf(checkout) });
  }

  /** Creates the stack with a database password, after starting the add-ons that it needs. */
  override async create(): Promise<void> {
    await ensureAddons([parse(readFileSync(this.stackFile, "utf8")).config]);
    await super.create();
    await this.setSecret("databasePassword", `of-${this.stack}-alone`);
  }

  /** Sets the release, as a promotion does. */
  release(name: string): void {
    this.set("release", { name });
  }
}

/** Repository of the images of one project only. */
export const imagesOf = ({ stack }: Project): string => `localhost:5000/noticeboard-${stack}`;
