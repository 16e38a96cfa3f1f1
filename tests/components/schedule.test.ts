import assert from "node:assert/strict";
import { Schedule, type ScheduleArgs } from "../../components/schedule.ts";
import { WebApp, type WebAppArgs } from "../../components/web.ts";
import { deploy, only } from "../deploy.ts";
import { assertRestricted, webArgs } from "./shop.ts";

const nightly: Omit<ScheduleArgs, "application"> = {
  command: ["clean", "up"],
  schedule: "0 3 * * *",
  timeZone: "Europe/Berlin",
  deadlineSeconds: 600,
  overlap: "skip",
  resources: webArgs.resources,
  user: 10001,
};

async function deployed(args: Partial<ScheduleArgs> = {}, web: Partial<WebAppArgs> = {}) {
  const { resources } = await deploy(() => {
    const { application } = new WebApp("web", { ...webArgs, ...web });
    return new Schedule("clean-up", { ...nightly, ...args, application });
  });
  return resources.filter(({ parent }) => parent === "clean-up");
}
const cronJob = async (args?: Partial<ScheduleArgs>, web?: Partial<WebAppArgs>) =>
  only(await deployed(args, web), "kubernetes:batch/v1:CronJob");
const specOf = async (args?: Partial<ScheduleArgs>, web?: Partial<WebAppArgs>) =>
  (await cronJob(args, web)).inputs.spec;

describe("Schedule", () => {
  it("has a CronJob and a service account of its own", async () => {
    const kinds = (await deployed()).map(({ type }) => type.split(":").at(-1)).sort();
    assert.deepEqual(kinds, ["CronJob", "ServiceAccount"]);
  });

  it("runs its command at its times in its time zone, and keeps little history", async () => {
    const { jobTemplate, ...spec } = await specOf();
    assert.deepEqual(spec, {
      schedule: "0 3 * * *",
      timeZone: "Europe/Berlin",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 300,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
    });
    assert.deepEqual(jobTemplate.spec.template.spec.containers[0].command, ["clean", "up"]);
  });

  it("skips, replaces or allows a run that overlaps the last one", async () => {
    assert.equal((await specOf({ overlap: "replace" })).concurrencyPolicy, "Replace");
    assert.equal((await specOf({ overlap: "allow" })).concurrencyPolicy, "Allow");
  });

  it("ends at its deadline, keeps the pod with its log, and does not repeat a failed run", async () => {
    const { activeDeadlineSeconds, backoffLimit, podFailurePolicy, template } = (await specOf()).jobTemplate.spec;
    assert.equal(template.spec.activeDeadlineSeconds, 600);
    assert.ok(activeDeadlineSeconds > 600, "the Job's deadline would delete the pod with its log");
    assert.equal(backoffLimit, 0);
    assert.equal(template.spec.restartPolicy, "Never");
    // A pod that a drained node evicts has not failed.
    assert.deepEqual(podFailurePolicy.rules, [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    ]);
  });

  it("runs with web's image and environment as a client of the database, once it reaches that", async () => {
    const { metadata, spec } = (await specOf()).jobTemplate.spec.template;
    const [container] = spec.containers;
    assert.equal(container.image, webArgs.image);
    assert.ok(container.env.some(({ name }: { name: string }) => name === "PGPASSWORD"));
    assert.ok(container.env.some(({ name }: { name: string }) => name === "LOG_LEVEL"));
    assert.deepEqual(metadata.labels, {
      "app.kubernetes.io/name": "clean-up",
      "app.kubernetes.io/component": "schedule",
      "slipway/database-client": "true",
    });
    assert.equal(spec.initContainers[0].name, "await-database");
    const without = (await specOf({}, { database: undefined })).jobTemplate.spec.template.spec;
    assert.equal(without.initContainers, undefined);
  });

  it("runs as a restricted pod with limits", async () => {
    const pod = (await specOf({ user: 4711 })).jobTemplate.spec.template.spec;
    assertRestricted(pod, 4711, ["tmp"]);
    assert.equal(pod.serviceAccountName, "clean-up-0a1b2c3d");
  });

  it("runs a new version after its migration, and is annotated with its release", async () => {
    const { dependsOn, inputs } = await cronJob({}, { release: { name: "v1.2" } });
    assert.ok(dependsOn.includes("web-migration"));
    assert.equal(inputs.metadata.annotations["org.opencontainers.image.version"], "v1.2");
  });

  it("connects to the destinations that it names itself, and to none of web's", async () => {
    const policies = async (args: Partial<ScheduleArgs>, web: Partial<WebAppArgs>) =>
      (await deployed(args, web)).map(({ name }) => name).filter((name) => name.endsWith("-outgoing"));
    assert.deepEqual(await policies({}, { allowTo: ["mail:25"] }), []);
    assert.deepEqual(await policies({ allowTo: ["mail:25"] }, {}), ["clean-up-outgoing"]);
  });
});
