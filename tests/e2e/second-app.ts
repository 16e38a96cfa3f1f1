import type { Project } from "./project.ts";

/** Lets a project deploy an image that exists already, by a Dockerfile of one line. @param web settings of it */
export function deployFinishedImage(project: Project, image: string, web: object): void {
  deploySecondApp(project, web);
  project.edit("second-app/Dockerfile", () => `FROM ${image}\n`);
}

/** Lets a project deploy the application in second-app/, which has no database, instead of the sample. @param web further settings of it */
export function deploySecondApp(project: Project, web: object): void {
  project.copy("tests/e2e/second-app", "second-app");
  project.configure((config) => {
    config["slipway:release"] = { repository: "localhost:5000/second", build: { context: "second-app" } };
    config["slipway:web"] = {
      port: 8080,
      replicas: 1,
      probes: { live: "/index.html", ready: "/index.html" },
      ...web,
    };
    delete config["slipway:database"];
    delete config["slipway:databasePassword"];
  });
}
