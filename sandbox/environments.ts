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
import { howToOpen } from "./ask.ts";
import { run } from "./command.ts";
import { deploy, deployedUrl, stack as first, verifyServing } from "./deployment.ts";
import { cluster, environment, paths, ports, repository } from "./paths.ts";
import { say } from "./progress.ts";

/** CPU that is set aside for a container of the sandbox. */
const cpu = "10m";
/** The same where an autoscaler goes by it: pods that only answer probes use most of 10m, and would be taken for busy ones. */
const scaledCpu = "50m";

/**
 * Where an environment in the sandbox has to differ from its committed settings: one cluster and one registry for all,
 * so a namespace for each, and so little CPU set aside that all of them fit on two cores. A host's certificate is made by the
 * sandbox's issuer; what has no host gets a port of the node. Everything else is as committed.
 *
 * @param place of the environment among the others, from 0
 * @param release that the chain is to run
 */
export function inSandbox({ stack, config }: StackFile, place: number, release: string): Record<string, unknown> {
  const { ingressClass: _, tls: __, ...web } = config["slipway:web"];
  const { storageClass: ___, ...database } = config["slipway:database"] ?? {};
  // Nothing of AWS: the sandbox's own registry takes the place of Amazon's.
  const { "aws:region": ____, "slipway:ecr": _____, "slipway:owner": ______, ...here } = config;
  const served = web.host ? { tls: { issuer } } : { nodePort: ports.application + 1 + place };
  const image = config["slipway:release"].repository.split("/").at(-1);
  return {
    ...here,
    "slipway:cluster": { context: cluster.context },
    "slipway:namespace": `${config["slipway:namespace"]}-${stack}`,
    "slipway:release": { ...config["slipway:release"], repository: `${cluster.registry}/${image}`, name: release },
    "slipway:web": { ...web, ...served, resources: { ...web.resources, cpu: isScaled(config) ? scaledCpu : cpu } },
    ...(config["slipway:database"] && {
      "slipway:database": { ...database, resources: { ...database.resources, cpu } },
    }),
  };
}

/** The stack behind `--to`; undefined without it. @throws UserError where nothing stands behind it */
export function wantedEnvironment(argv: readonly string[]): string | undefined {
  const at = argv.indexOf("--to");
  if (at < 0) return undefined;
  const to = argv[at + 1];
  if (to === undefined) throw new UserError("--to which environment? As in: npm run up -- --to prod");
  return to;
}

/**
 * The environments that a release passes through on its way to a stack, that one included.
 *
 * @throws UserError where there is no such stack file, or one that it promotes from
 */
export function chainTo(to: string, files = stackFiles(repository)): StackFile[] {
  const file = files.find(({ stack }) => stack === to);
  if (!file) {
    const known = files.map(({ stack }) => stack).join(", ");
    throw new UserError(`There is no Pulumi.${to}.yaml, so no way to ${to}; there are: ${known}. Nothing was changed.`);
  }
  if (to === first) return [];
  const previous = previousOf(file);
  return previous === undefined
    ? [file]
    : [
        ...chainTo(
          previous,
          files.filter((other) => other !== file),
        ),
        file,
      ];
}

/** Builds, verifies and promotes: one release through all of these environments, each of which has to serve. @throws UserError where one does not */
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
  console.log(howToOpen(urls));
  console.log(
    `\nTheir settings here: ${paths.environments}; pulumi -C ${paths.environments} preview -s ${stacks.at(-1)}`,
  );
}

const ourEnvironment = () => ({ ...process.env, ...environment() });

/** The name under which the first environment has verified what dev runs; a new one where it has not. */
async function releaseName({ stack, config }: StackFile): Promise<string> {
  const [dev, next] = await Promise.all([first, stack].map((each) => stackOutputs(each, ourEnvironment())));
  return nameFor(dev?.image?.split("@")[1], next?.verified ?? {}, config["slipway:release"].name ?? "v1.1");
}

/** The newest name that a digest has; the next number where it has none, `start` where nothing has. */
export function nameFor(digest: string | undefined, verified: Verified, start: string): string {
  const names = newestFirst(verified);
  const known = names.find((name) => verified[name]?.digest === digest);
  return known ?? (names[0] ? nextAfter(names[0]) : start);
}

/** Writes a stack file of the sandbox; the password in it is made once, and kept as long as the data. */
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
  const kept = before.config?.[password];
  const { [password]: _, ...open } = config;
  writeFileSync(path, stringify({ ...before, config: { ...open, ...(kept && { [password]: kept }) } }));
  if (kept || !("slipway:database" in config)) return;
  const options = { cwd: folder, env: environment(), input: randomBytes(24).toString("base64url") };
  await run(["pulumi", "stack", "select", "--create", stack, "--non-interactive"], options);
  await run(["pulumi", "config", "set", "--stack", stack, "--secret", "databasePassword"], options);
}
