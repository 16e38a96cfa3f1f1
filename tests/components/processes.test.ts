import assert from "node:assert/strict";
import type { Fields } from "../../commands/cli/fields.ts";
import { allowanceFor } from "../../commands/environments/allowed.ts";
import { differences } from "../../commands/environments/differences.ts";
import { type Resource, render } from "../../commands/environments/render.ts";
import { rules } from "../../policy/rules.ts";
import { fileOf } from "../commands/environments/committed.ts";
import { toTestResources, violations } from "../policy/rule-tests.ts";

const processes = {
  worker: { command: ["work"], replicas: 1, stopSeconds: 600 },
  streaming: { command: ["stream"], port: 9000, path: "/api/streaming", probes: { live: "/live" } },
};
const schedules = { "clean-up": { command: ["clean", "up"], schedule: "0 3 * * *" } };

const fileWith = (stack: string, more: Fields = {}) => {
  const { config, ...file } = fileOf(stack);
  return { ...file, config: { ...config, "slipway:processes": processes, "slipway:schedules": schedules, ...more } };
};
// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
const one = (resources: Resource[], kind: string, name: string): any =>
  resources.find((each) => each.kind === kind && each.name === name);

describe("Processes and schedules in the settings", () => {
  let prod: Resource[];
  before(async () => {
    prod = await render(fileWith("prod"));
  });

  it("run the same image as web, in one release", () => {
    const image = ({ object }: { object: Fields }) =>
      JSON.stringify(object).match(/"image":"([^"]*noticeboard@[^"]*)"/)?.[1];
    const web = image(one(prod, "Deployment", "web"));
    assert.ok(web);
    for (const [kind, name] of [
      ["Deployment", "worker"],
      ["Deployment", "streaming"],
      ["CronJob", "clean-up"],
    ] as const)
      assert.equal(image(one(prod, kind, name)), web, name);
  });

  it("serve a path under web's host by a rule of web's ingress, so that one load balancer serves all of it", () => {
    const { rules } = one(prod, "Ingress", "web").object.spec;
    const paths = rules[0].http.paths.map(({ path, backend }: Fields) => [path, (backend as Fields).service]);
    assert.deepEqual(paths, [
      ["/", { name: "web", port: { name: "http" } }],
      ["/api/streaming", { name: "streaming", port: { name: "http" } }],
    ]);
    assert.equal(one(prod, "Ingress", "streaming"), undefined);
  });

  it("drain for as long as the platform's load balancer needs, if they have a port", () => {
    const pod = (name: string) => one(prod, "Deployment", name).object.spec.template.spec;
    assert.equal(pod("streaming").containers[0].lifecycle.preStop.sleep.seconds, 60);
    assert.equal(pod("streaming").terminationGracePeriodSeconds, 90);
    assert.equal(pod("worker").terminationGracePeriodSeconds, 600);
    const { annotations } = one(prod, "Service", "streaming").object.metadata;
    assert.equal(annotations["alb.ingress.kubernetes.io/healthcheck-path"], "/live");
  });

  it("let go of the database's earlier login before it is closed, with the time that the slowest needs to stop", () => {
    const close = one(prod, "Job", "database-login-close");
    for (const name of ["web", "worker", "streaming", "clean-up", "database-backups"])
      assert.ok(close.dependsOn.includes(name), name);
    const { env } = close.object.spec.template.spec.containers[0];
    assert.deepEqual(
      env.find(({ name }: Fields) => name === "DRAIN_SECONDS"),
      { name: "DRAIN_SECONDS", value: "600" },
    );
  });

  it("keep every policy", async () => {
    for (const rule of rules) assert.deepEqual(await violations(rule, toTestResources(prod)), [], rule.name);
  });

  it("may differ between environments in what web may differ in, and in their times", async () => {
    const dev = await render(
      fileWith("test", {
        "slipway:processes": { ...processes, worker: { ...processes.worker, replicas: { min: 1, max: 3 } } },
        "slipway:schedules": {
          "clean-up": { ...schedules["clean-up"], schedule: "*/5 * * * *", timeZone: "Asia/Tokyo" },
        },
      }),
    );
    const all = differences(dev, prod);
    assert.deepEqual(
      all.filter((each) => !allowanceFor(each, all)),
      [],
    );
    const other = await render(
      fileWith("prod", { "slipway:processes": { ...processes, worker: { ...processes.worker, command: ["other"] } } }),
    );
    const refused = differences(prod, other);
    assert.deepEqual(
      refused.filter((each) => !allowanceFor(each, refused)).map(({ name, field }) => `${name} ${field}`),
      ["worker spec.template.spec.containers[worker].command[0]"],
    );
  });

  it("change nothing of web without a path", async () => {
    const { streaming: _, ...workers } = processes;
    const [before, after] = [fileOf("prod"), fileWith("prod", { "slipway:processes": workers })];
    const web = (resources: Resource[]) => resources.filter(({ urn }) => urn?.includes("slipway:index:WebApp"));
    assert.deepEqual(web(await render(after)), web(await render(before)));
  });
});
