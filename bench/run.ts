import { cpSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { ensureCompiled } from "../sandbox/compile.ts";
import { eventually } from "../sandbox/eventually.ts";
import { helmPart } from "../sandbox/parts.ts";
import { phase } from "../sandbox/progress.ts";
import { Project } from "../tests/e2e/project.ts";
import { ByHand } from "./by-hand.ts";
import { ByHelm } from "./by-helm.ts";
import { measureContentKey } from "./content-key.ts";
import { megabytesOver } from "./image.ts";
import { alternating, atMost, compare, inTurn, type Row, table } from "./measure.ts";

/**
 * npm run bench: measures the project's performance bounds in the sandbox (`npm run up` first). Each baseline is the least that could do
 * the same job, run in turn with ours.
 */
const rows: Row[] = [];

/** Smallest program with the same plugins. */
const oneConfigMap = `
import * as dockerBuild from "@pulumi/docker-build";
import * as k8s from "@pulumi/kubernetes";
new dockerBuild.Provider("builder");
const provider = new k8s.Provider("cluster", { context: "slipway-sandbox" });
new k8s.core.v1.ConfigMap("one", { metadata: { namespace: "default" }, data: { a: "b" } }, { provider });
`;

const ours = new Project("bench");
const promoted = new Project("promoted", ours);
const baseline = new Project("baseline");
const small = new Project("small");
const plain = new Project("plain");

const byHand = new ByHand(baseline);
const byHelm = new ByHelm(promoted);
const kubectl = "kubectl by hand";
const helm = "helm upgrade --wait of the same objects";
const withJob = ", which migrates as well";

let changes = 0;
const changeSource = (project: Project) =>
  project.edit("app/noticeboard/__init__.py", (text) => `${text}# change ${++changes} ${process.pid}\n`);

try {
  await ensureCompiled(helmPart);
  for (const project of [small, plain]) project.edit("index.ts", () => oneConfigMap);
  // Without nodeargs, as Pulumi starts a program by default.
  plain.edit("Pulumi.yaml", (text) => text.replace(/^ *nodeargs: .*\n/m, ""));
  // A repository of its own for the names of releases.
  for (const project of [ours, baseline])
    project.configure((config) => {
      config["slipway:release"].repository = `localhost:5000/noticeboard-${ours.stack}`;
    });
  // Not yet the baseline, whose pods would run beside the previews.
  await phase("deploy what is previewed", () => deploy(ours, small, plain));
  await previews();
  await phase("deploy the baseline", () => deploy(baseline));
  await sourceChanges();
  await promotions();
  rows.push(await measureContentKey());
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
  console.log(`${machine}\n\n${table(rows)}\n`);
} finally {
  await phase("remove it", remove);
}

if (rows.some(({ met }) => met === false)) process.exitCode = 1;

async function deploy(...projects: Project[]): Promise<void> {
  for (const project of projects) {
    await project.create();
    await project.up();
  }
}

async function remove(): Promise<void> {
  await byHelm.remove();
  await promoted.pulumi("destroy", "--yes", "--skip-preview", "--stack", promoted.stack);
  for (const project of [ours, baseline, small, plain])
    await project.remove().catch((error: Error) => {
      // Remove the others too, and let the error that ended the measurements be the last message.
      console.error(error.message);
      process.exitCode = 1;
    });
}

async function previews(): Promise<void> {
  const preview = (project: Project) => project.ok("preview", "--stack", project.stack, "--expect-no-changes");
  await Promise.all([ours, small, plain].map(preview));
  const what = "preview with nothing to do";
  const seconds = await inTurn(what, 11, {
    baseline: () => preview(plain),
    least: () => preview(small),
    ours: () => preview(ours),
  });
  rows.push(compare(what, seconds.ours, { what: "the same of one ConfigMap", seconds: seconds.baseline }, 1.3));
  const same = "the same of one ConfigMap that is started as Slipway is (Pulumi.yaml)";
  rows.push(compare(what, seconds.ours, { what: same, seconds: seconds.least }, 1.3));
}

async function sourceChanges(): Promise<void> {
  const before = await ours.output("image");
  const deployByHand = async (migrate: boolean) => {
    changeSource(baseline);
    const image = await byHand.build();
    if (migrate) await byHand.migrate(image);
    await byHand.rollOut(image);
  };
  const what = "changed source until the new version serves";
  const ways = {
    baseline: () => deployByHand(false),
    migrating: () => deployByHand(true),
    ours: () => {
      changeSource(ours);
      return ours.up();
    },
  };
  const seconds = await inTurn(what, 5, ways, () => stopped(ours, baseline));
  const tools = "buildctl and kubectl by hand";
  rows.push(compare(what, seconds.ours, { what: tools, seconds: seconds.baseline }, 1.1));
  rows.push(compare(what, seconds.ours, { what: tools + withJob, seconds: seconds.migrating }, 1.1));

  const after = await ours.output("image");
  const base = "localhost:5000/library/python:3.13-slim";
  // If Docker Hub answers, the base comes from there, and the sandbox's registry does not have it.
  const over = await megabytesOver(after, base).catch(() => undefined);
  if (over !== undefined) rows.push(atMost("image over its base, compressed", over, "MB", 90));
  rows.push(atMost("pushed for a changed line of source", await megabytesOver(after, before), "MB", 1));
}

/** Alternates between two releases whose images the node has. */
async function promotions(): Promise<void> {
  cpSync(ours.path(`Pulumi.${ours.stack}.yaml`), ours.path(`Pulumi.${promoted.stack}.yaml`));
  const name = (project: Project, release: string) =>
    project.configure((config) => {
      config["slipway:release"].name = release;
    });
  const promote = (release: string) => {
    name(promoted, release);
    return promoted.up();
  };
  promoted.configure((config) => {
    config["slipway:namespace"] = promoted.namespace;
    const { repository } = config["slipway:release"];
    config["slipway:release"] = { repository, promoteFrom: ours.stack };
  });
  await promoted.create();

  const releases = ["v1.1", "v1.2"];
  const images: string[] = [];
  await phase("release twice", async () => {
    for (const release of releases) {
      changeSource(ours);
      name(ours, release);
      await ours.up();
      images.push(await ours.output("image"));
    }
  });
  const [nextRelease, nextImage, nextByHelm] = [alternating(releases), alternating(images), alternating(images)];
  await phase("run both once", async () => {
    for (const _ of releases) {
      await promote(nextRelease());
      await byHand.rollOut(nextImage());
    }
    await byHelm.install();
    for (const image of images) await byHelm.upgrade(image);
  });
  const what = "promotion of a release whose image the node has";
  const ways = {
    baseline: () => byHand.rollOut(nextImage()),
    migrating: async () => {
      const image = nextImage();
      await byHand.migrate(image);
      await byHand.rollOut(image);
    },
    least: () => {
      small.edit("index.ts", (text) => text.replace(/a: "[^"]*"/, `a: "${++changes}"`));
      return small.up();
    },
    helm: () => byHelm.upgrade(nextByHelm()),
    ours: () => promote(nextRelease()),
  };
  const seconds = await inTurn(what, 5, ways, () => stopped(promoted, baseline, byHelm));
  rows.push(compare(what, seconds.ours, { what: kubectl, seconds: seconds.baseline }, 1.2));
  rows.push(compare(what, seconds.ours, { what: kubectl + withJob, seconds: seconds.migrating }, 1.2));
  rows.push(compare("changed image", seconds.ours, { what: helm, seconds: seconds.helm }, 1.2));
  rows.push({
    what: "of that, pulumi for a program of one changed ConfigMap",
    measured: `${seconds.least.toFixed(2)} s`,
  });
}

/** Waits until replaced pods are gone, which would otherwise run for seconds beside the next measurement. */
function stopped(...projects: Pick<Project, "noneStopping">[]): Promise<unknown> {
  return Promise.all(projects.map((project) => eventually(() => project.noneStopping())));
}
