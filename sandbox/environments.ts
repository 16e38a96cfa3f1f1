import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parse, stringify } from "yaml";
import { checkAttestations } from "../commands/releases/attestations.ts";
import { releaseTable } from "../commands/releases/release-table.ts";
import { stackOutputs } from "../commands/releases/stack-outputs.ts";
import { newestFirst, nextAfter, type Verified } from "../components/release/verified.ts";
import { previousOf, type StackFile, stackFiles } from "../settings/stack-files.ts";
import { UserError } from "../settings/user-error.ts";
import { issuer } from "./addons/cert-manager.ts";
import { isScaled } from "./addons.ts";
import { run } from "./command.ts";
import { deploy, deployedUrl, stack as first, verifyServing } from "./deployment.ts";
import { openingInstructions } from "./http.ts";
import { cluster, environment, paths, ports, repository } from "./paths.ts";
import { say } from "./progress.ts";

/** CPU request of a container of the sandbox. */
const cpu = "10m";
/** CPU request if an autoscaler uses it: probes use most of 10m, so that idle pods would look busy. */
const scaledCpu = "50m";

/**
 * Committed settings of an environment, adapted to the sandbox: one cluster and registry, a namespace each, small CPU requests, the
 * sandbox's certificate issuer for a host, and a node port without one.
 *
 * @param index index of the environment among those besides dev
 * @param release release that the environments run
 */
export function inSandbox({ stack, config }: StackFile, index: number, release: string): Record<string, unknown> {
  const { ingressClass: _, tls: __, ...web } = config["slipway:web"];
  const { storageClass: ___, ...database } = config["slipway:database"] ?? {};
  // Without AWS: the sandbox's registry replaces Amazon's.
  const { "aws:region": ____, "slipway:ecr": _____, "slipway:owner": ______, ...here } = config;
  const served = web.host ? { tls: { issuer } } : { nodePort: ports.application + 1 + index };
  const image = config["slipway:release"].repository.split("/").at(-1);
  return {
    ...here,
    "slipway:cluster": { context: cluster.context },
    "slipway:namespace": `${config["slipway:namespace"]}-${stack}`,
    "slipway:release": { ...config["slipway:release"], repository: `${cluster.registry}/${image}`, name: release },
    "slipway:web": { ...web, ...served, resources: smallRequest(web) },
    ...(config["slipway:processes"] && { "slipway:processes": withSmallRequests(config["slipway:processes"]) }),
    ...(config["slipway:database"] &&
      !database.external && {
        "slipway:database": { ...database, resources: { ...database.resources, cpu } },
      }),
  };
}

const smallRequest = (process: { readonly resources?: object }) => ({
  ...process.resources,
  cpu: isScaled({ "slipway:web": process }) ? scaledCpu : cpu,
});

const withSmallRequests = (processes: Readonly<Record<string, object>>) =>
  Object.fromEntries(
    Object.entries(processes).map(([name, process]) => [name, { ...process, resources: smallRequest(process) }]),
  );

/** Value of `--to`; undefined without it. @throws UserError if the value is missing */
export function wantedEnvironment(argv: readonly string[]): string | undefined {
  const at = argv.indexOf("--to");
  if (at < 0) return undefined;
  const to = argv[at + 1];
  if (to === undefined) throw new UserError("--to which environment? As in: npm run up -- --to prod");
  return to;
}

/**
 * Environments that a release passes through on its way to a stack, including that stack.
 *
 * @throws UserError if its stack file, or that of an environment before it, is missing
 */
export function chainTo(to: string, files = stackFiles(repository)): StackFile[] {
  const file = files.find(({ stack }) => stack === to);
  if (!file) {
    const existing = files.map(({ stack }) => stack).join(", ");
    throw new UserError(`There is no Pulumi.${to}.yaml; there are: ${existing}. Nothing was changed.`);
  }
  if (to === first) return [];
  const previous = previousOf(file);
  if (previous === undefined) return [file];
  const others = files.filter((other) => other !== file);
  return [...chainTo(previous, others), file];
}

/** Deploys one release to each of these environments in turn: builds, verifies and promotes it. @throws UserError if one does not serve */
export async function deployChain(chain: readonly StackFile[]): Promise<void> {
  const others = stackFiles(repository)
    .map(({ stack }) => stack)
    .filter((stack) => stack !== first)
    .sort();
  const release = await releaseName(chain[0] as StackFile);
  for (const file of chain) {
    await writeSettings(file.stack, inSandbox(file, others.indexOf(file.stack), release));
    await deploy(file.stack, paths.environments);
    await verifyServing(await deployedUrl(file.stack));
  }
  const stacks = [first, ...chain.map(({ stack }) => stack)];
  const deployed = await Promise.all(
    stacks.map(async (stack) => [stack, await stackOutputs(stack, ourEnvironment())] as const),
  );
  say(`release ${release} runs in ${chain.map(({ stack }) => stack).join(", ")}`);
  console.log(`\n${releaseTable(deployed, await checkAttestations(deployed))}\n`);
  const urls = await Promise.all(stacks.map((stack) => deployedUrl(stack)));
  for (const [index, stack] of stacks.entries()) console.log(`${stack.padEnd(10)}${urls[index]}`);
  console.log(openingInstructions(urls));
  console.log(
    `\nTheir settings here: ${paths.environments}; pulumi -C ${paths.environments} preview -s ${stacks.at(-1)}`,
  );
}

const ourEnvironment = () => ({ ...process.env, ...environment() });

/** Name under which the first environment verified the image that dev runs, or a new one. */
async function releaseName({ stack, config }: StackFile): Promise<string> {
  const [dev, next] = await Promise.all([first, stack].map((each) => stackOutputs(each, ourEnvironment())));
  return nameFor(dev?.image?.split("@")[1], next?.verified ?? {}, config["slipway:release"].name ?? "v1.1");
}

/** Newest name of a digest; without one, the name after the newest, or `start` if there are none. */
export function nameFor(digest: string | undefined, verified: Verified, start: string): string {
  const names = newestFirst(verified);
  const current = names.find((name) => verified[name]?.digest === digest);
  return current ?? (names[0] ? nextAfter(names[0]) : start);
}

/** Writes a stack file of the sandbox, with a new database password unless the file has one. */
async function writeSettings(stack: string, config: Record<string, unknown>): Promise<void> {
  const folder = paths.environments;
  mkdirSync(folder, { recursive: true });
  const main = join(relative(folder, repository), "index.ts");
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    stringify({ ...parse(readFileSync(join(repository, "Pulumi.yaml"), "utf8")), main }),
  );

  const path = join(folder, `Pulumi.${stack}.yaml`);
  const before = existsSync(path) ? parse(readFileSync(path, "utf8")) : {};
  const password = "slipway:databasePassword";
  const existing = before.config?.[password];
  const { [password]: _, ...plain } = config;
  writeFileSync(path, stringify({ ...before, config: { ...plain, ...(existing && { [password]: existing }) } }));
  if (existing || !("slipway:database" in config)) return;
  const options = { cwd: folder, env: environment(), input: randomBytes(24).toString("base64url") };
  await run(["pulumi", "stack", "select", "--create", stack, "--non-interactive"], options);
  await run(["pulumi", "config", "set", "--stack", stack, "--secret", "databasePassword"], options);
}
