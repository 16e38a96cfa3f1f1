import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { readContent } from "../components/content-key.ts";
import { run } from "../sandbox/command.ts";
import { environment } from "../sandbox/places.ts";
import { Project } from "../tests/e2e/project.ts";
import { megabytesOver } from "./image.ts";
import { against, atMost, type Row, table } from "./measure.ts";

/**
 * The figures that the project holds itself to, measured in the sandbox (`npm run up` first). Each floor is the least that
 * could do the same job, run in turn with ours.
 */
/** The least program with the same plugins. */
const oneConfigMap = `
import * as dockerBuild from "@pulumi/docker-build";
import * as k8s from "@pulumi/kubernetes";
new dockerBuild.Provider("builder");
const provider = new k8s.Provider("cluster", { context: "slipway-sandbox" });
new k8s.core.v1.ConfigMap("one", { metadata: { namespace: "default" }, data: { a: "b" } }, { provider });
`;

const rows: Row[] = [];
const env = environment();

const ours = new Project("bench");
const floor = new Project("floor");
const small = new Project("small");
let change = 0;
const changeSource = (project: Project) =>
  project.edit("app/noticeboard/__init__.py", (text) => `${text}# change ${++change} ${process.pid}\n`);

/** By hand: build and push, then change the image of the Deployment and wait. */
async function deployByHand(): Promise<void> {
  changeSource(floor);
  const image = `localhost:5000/noticeboard:by-hand-${process.pid}-${change}`;
  const context = floor.path("app");
  await run(
    [
      "buildctl",
      "build",
      "--frontend=dockerfile.v0",
      "--local",
      `context=${context}`,
      "--local",
      `dockerfile=${context}`,
    ].concat("--output", `type=image,name=${image},push=true`),
    { env },
  );
  const [deployment = ""] = (await floor.kubectl("get", "deployments", "--output", "name")).trim().split("\n");
  await floor.kubectl("set", "image", deployment, `web=${image}`);
  await floor.kubectl("rollout", "status", deployment);
}

try {
  small.edit("index.ts", () => oneConfigMap);
  await Promise.all([ours, floor, small].map((project) => project.create()));
  for (const project of [ours, floor, small]) await project.up();

  const preview = (project: Project) => project.ok("preview", "--stack", project.stack, "--expect-no-changes");
  await Promise.all([preview(ours), preview(small)]);
  rows.push(
    await against("preview with nothing to do", "the same of one ConfigMap", 1.3, 7, {
      ours: () => preview(ours),
      floor: () => preview(small),
    }),
  );

  const before = await ours.output("image");
  rows.push(
    await against("changed source until the new version serves", "buildctl and kubectl by hand", 1.5, 5, {
      ours: () => {
        changeSource(ours);
        return ours.up();
      },
      floor: deployByHand,
    }),
  );

  const after = await ours.output("image");
  rows.push(
    atMost(
      "image over its base, compressed",
      await megabytesOver(after, "localhost:5000/library/python:3.13-slim"),
      "MB",
      90,
    ),
  );
  rows.push(atMost("pushed for a changed line of source", await megabytesOver(after, before), "MB", 1));
  rows.push(await contentKey());
} finally {
  for (const project of [ours, floor, small]) await project.remove();
}

console.log(
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB\n\n${table(rows)}`,
);
process.exitCode = rows.every(({ met }) => met) ? 0 : 1;

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
    return await against("content key of 10,000 files, 200 MB", "sha256sum of the same files", 2, 5, {
      ours: async () => readContent({ context: folder }),
      floor: () => run(["sh", "-c", 'find "$0" -type f -exec sha256sum {} + > /dev/null', folder]),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
