import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { readContent } from "../image/content-key.ts";
import { run } from "../sandbox/command.ts";
import { ensureCompiled } from "../sandbox/compile.ts";
import { eventually } from "../sandbox/eventually.ts";
import { helmPart } from "../sandbox/parts.ts";
import { phase } from "../sandbox/progress.ts";
import { Project } from "../tests/e2e/project.ts";
import { ByHand } from "./by-hand.ts";
import { ByHelm } from "./by-helm.ts";
import { megabytesOver } from "./image.ts";
import { against, atMost, inTurn, type Row, table, takes } from "./measure.ts";

/**
 * The figures that the project holds itself to, measured in the sandbox (`npm run up` first). Each floor is the least that
 * could do the same job, run in turn with ours.
 */
const rows: Row[] = [];

/** The least program with the same plugins. */
const oneConfigMap = `
import * as dockerBuild from "@pulumi/docker-build";
import * as k8s from "@pulumi/kubernetes";
new dockerBuild.Provider("builder");
const provider = new k8s.Provider("cluster", { context: "slipway-sandbox" });
new k8s.core.v1.ConfigMap("one", { metadata: { namespace: "default" }, data: { a: "b" } }, { provider });
`;

const ours = new Project("bench");
const promoted = new Project("promoted", ours);
const floor = new Project("floor");
const small = new Project("small");
const plain = new Project("plain");

const byHand = new ByHand(floor);
const byHelm = new ByHelm(promoted);
const kubectl = "kubectl by hand";
const withJob = ", which migrates as well";

let changes = 0;
const changeSource = (project: Project) =>
  project.edit("app/noticeboard/__init__.py", (text) => `${text}# change ${++changes} ${process.pid}\n`);

try {
  await ensureCompiled(helmPart);
  for (const project of [small, plain]) project.edit("index.ts", () => oneConfigMap);
  // As Pulumi starts a program that says nothing about that.
  plain.edit("Pulumi.yaml", (text) => text.replace(/^ *nodeargs: .*\n/m, ""));
  // Releases get their names in a repository of its own.
  for (const project of [ours, floor])
    project.configure((config) => {
      config["slipway:release"].repository = `localhost:5000/noticeboard-${ours.stack}`;
    });
  // The other floor's pods would be at work beside the previews.
  await phase("deploy what is previewed", () => deploy(ours, small, plain));
  await previews();
  await phase("deploy the other floor", () => deploy(floor));
  await sourceChanges();
  await promotions();
  rows.push(await contentKey());
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
  for (const project of [ours, floor, small, plain])
    await project.remove().catch((error: Error) => {
      // The others are removed all the same, and what ended the measurements is still what is told last.
      console.error(error.message);
      process.exitCode = 1;
    });
}

async function previews(): Promise<void> {
  const preview = (project: Project) => project.ok("preview", "--stack", project.stack, "--expect-no-changes");
  await Promise.all([ours, small, plain].map(preview));
  const what = "preview with nothing to do";
  const took = await inTurn(what, 11, {
    floor: () => preview(plain),
    least: () => preview(small),
    ours: () => preview(ours),
  });
  rows.push(against(what, took.ours, { what: "the same of one ConfigMap", takes: took.floor }, 1.3));
  const same = "the same of one ConfigMap that is started as Slipway is (Pulumi.yaml)";
  rows.push(against(what, took.ours, { what: same, takes: took.least }, 1.3));
}

async function sourceChanges(): Promise<void> {
  const before = await ours.output("image");
  const deployByHand = async (migrate: boolean) => {
    changeSource(floor);
    const image = await byHand.build();
    if (migrate) await byHand.migrate(image);
    await byHand.rollOut(image);
  };
  const what = "changed source until the new version serves";
  const ways = {
    floor: () => deployByHand(false),
    migrating: () => deployByHand(true),
    ours: () => {
      changeSource(ours);
      return ours.up();
    },
  };
  const took = await inTurn(what, 5, ways, () => stopped(ours, floor));
  const tools = "buildctl and kubectl by hand";
  rows.push(against(what, took.ours, { what: tools, takes: took.floor }, 1.1));
  rows.push(against(what, took.ours, { what: tools + withJob, takes: took.migrating }, 1.1));

  const after = await ours.output("image");
  const base = "localhost:5000/library/python:3.13-slim";
  // Where Docker Hub answers, the base comes from there, and the sandbox's registry has none.
  const over = await megabytesOver(after, base).catch(() => undefined);
  if (over !== undefined) rows.push(atMost("image over its base, compressed", over, "MB", 90));
  rows.push(atMost("pushed for a changed line of source", await megabytesOver(after, before), "MB", 1));
}

/** To and fro between two releases, whose images the node has. */
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
    floor: () => byHand.rollOut(nextImage()),
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
  const took = await inTurn(what, 5, ways, () => stopped(promoted, floor, byHelm));
  rows.push(against(what, took.ours, { what: kubectl, takes: took.floor }, 1.2));
  rows.push(against(what, took.ours, { what: kubectl + withJob, takes: took.migrating }, 1.2));
  rows.push(
    against("changed image", took.ours, { what: "helm upgrade --wait of the same objects", takes: took.helm }, 1.2),
  );
  rows.push(takes("of that, what pulumi takes for a program of one changed ConfigMap", took.least));
}

/** Waits until the pods that rollouts have replaced are gone: for seconds they would be at work beside what is measured next. */
function stopped(...projects: Pick<Project, "noneStopping">[]): Promise<unknown> {
  return Promise.all(projects.map((project) => eventually(() => project.noneStopping())));
}

/** One after the other, and again from the first. */
function alternating<T>(values: readonly T[]): () => T {
  let turns = 0;
  return () => values[turns++ % values.length] as T;
}

/** 10,000 files, 200 MB. */
async function contentKey(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "slipway-bench-"));
  try {
    for (let i = 0; i < 10_000; i++) {
      const parent = join(folder, `d${i % 100}`);
      mkdirSync(parent, { recursive: true });
      writeFileSync(join(parent, `f${i}`), Buffer.alloc(20_000, i));
    }
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY . /\n");
    const what = "content key of 10,000 files, 200 MB";
    const took = await inTurn(what, 5, {
      floor: () => run(["sh", "-c", 'find "$0" -type f -exec sha256sum {} + > /dev/null', folder]),
      ours: async () => readContent({ context: folder }),
    });
    return against(what, took.ours, { what: "sha256sum of the same files", takes: took.floor }, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
