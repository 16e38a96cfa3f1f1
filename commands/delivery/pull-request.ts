import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { clusterName } from "../../components/aws/cluster-name.ts";
import { parseReference } from "../../image/reference.ts";
import { ecrAddress } from "../../settings/ecr-address.ts";
import { runProgram, runVisibly } from "../../settings/run-program.ts";
import { type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { readArguments, required } from "../cli/arguments.ts";
import { runMain } from "../cli/run-main.ts";
import { unattended, update } from "./apply.ts";

const usage = `npm run pull-request -- up|down PULL
  up     creates or updates the environment of a pull request
  down   destroys it, with its data
  PULL   number of the pull request`;

/** Stack whose settings, secrets, registry and cluster the environments of pull requests share. */
const model = "test";

/** Stack of a pull request. */
export const stackOf = (pull: number): string => `pr-${pull}`;

/**
 * Derives the settings of a pull request's environment from the model's: with a namespace and a host of its own, without a
 * release, because nothing is verified there, and without anything that would outlive it.
 *
 * @param config the model's settings
 * @throws UserError if the model's database is elsewhere
 */
export function settingsFor(pull: number, config: StackFile["config"]): StackFile["config"] {
  const { "slipway:ecr": _ecr, ...rest } = config;
  const { name: _name, ...release } = config["slipway:release"];
  const { nodePort: _nodePort, host, ...web } = config["slipway:web"];
  const { protect: _protect, backups: _backups, ...database } = config["slipway:database"] ?? {};
  const processes = config["slipway:processes"];
  if (database.external)
    throw new UserError(
      `slipway:database.external is set in Pulumi.${model}.yaml: every pull request would migrate the database of ${model}. ` +
        `Environments of pull requests need a database in a container there: slipway:database.image and .storage.`,
    );
  const shared = sharedCluster(config);
  return {
    ...rest,
    ...(shared && { "slipway:cluster": { eks: shared.eks } }),
    "slipway:namespace": `${config["slipway:namespace"]}-${stackOf(pull)}`,
    "slipway:release": release,
    "slipway:web": { ...shared?.web, ...web, ...(host && { host: hostFor(pull, host) }) },
    ...(processes && { "slipway:processes": withHosts(pull, processes) }),
    ...(config["slipway:database"] && { "slipway:database": { ...shared?.database, ...database } }),
  };
}

/**
 * Describes the cluster that the model creates as an existing one, with the classes that components/aws/storage.ts and
 * edge.ts create in it. For an existing cluster the program has no defaults for those.
 *
 * @returns undefined if the model creates no cluster
 */
function sharedCluster({ "slipway:cluster": cluster, "slipway:web": web }: StackFile["config"]) {
  const { eks } = cluster ?? {};
  if (!eks || eks.existing) return undefined;
  const existing = clusterName(eks, parse(readFileSync("Pulumi.yaml", "utf8")).name, model);
  const hasEdge = eks.domain && web.host;
  return {
    eks: { account: eks.account, existing },
    web: hasEdge ? { ingressClass: "slipway" } : {},
    database: { storageClass: "gp3" },
  };
}

/** Host beside the model's, so that one DNS record and one certificate for `*` serve all of them. */
const hostFor = (pull: number, host: string): string => host.replace(/^[^.]+/, (first) => `${first}-${stackOf(pull)}`);

/** Gives each process that has a host of its own one beside the model's. */
const withHosts = (pull: number, processes: Readonly<Record<string, { readonly host?: string }>>) =>
  Object.fromEntries(
    Object.entries(processes).map(([name, process]) => [
      name,
      process.host ? { ...process, host: hostFor(pull, process.host) } : process,
    ]),
  );

/**
 * Creates or updates a pull request's environment. Its secrets are the model's, encrypted again.
 *
 * @returns the exit code of `pulumi up`
 */
export async function up(pull: number): Promise<number> {
  const stack = stackOf(pull);
  const { secretsprovider } = parse(readFileSync(`Pulumi.${model}.yaml`, "utf8"));
  const provider = secretsprovider ? ["--secrets-provider", secretsprovider] : [];
  await pulumi("stack", "select", "--create", stack, ...provider);
  await pulumi("config", "cp", "--stack", model, "--dest", stack);
  const path = `Pulumi.${stack}.yaml`;
  const file = parse(readFileSync(path, "utf8"));
  writeFileSync(path, stringify({ ...file, config: settingsFor(pull, file.config) }));
  await logIn(file.config["slipway:release"].repository);
  const code = await update(stack);
  const { GITHUB_OUTPUT: outputs } = process.env;
  if (code !== 0 || !outputs) return code;
  const { url = "" } = JSON.parse(await pulumi("stack", "output", "--json", "--stack", stack));
  appendFileSync(outputs, `url=${url}\n`);
  return code;
}

/** Logs in to Amazon ECR for twelve hours. Only the model's own stack creates a login for its build. */
async function logIn(repository: string): Promise<void> {
  const address = ecrAddress(repository);
  if (!address) return;
  const { host } = parseReference(repository);
  const token = await runProgram("aws", ["ecr", "get-login-password", "--region", address.region]);
  await runProgram("docker", ["login", "--username", "AWS", "--password-stdin", host], { input: token });
}

/** Destroys a pull request's environment and removes its stack, if there is one. */
export async function down(pull: number): Promise<number> {
  const stack = stackOf(pull);
  const stacks: { name: string }[] = JSON.parse(await pulumi("stack", "ls", "--json"));
  if (!stacks.some(({ name }) => name.split("/").at(-1) === stack)) {
    console.log(`Pull request ${pull} has no environment.`);
    return 0;
  }
  const code = await runVisibly("pulumi", ["destroy", ...unattended, "--stack", stack]);
  return code === 0 ? runVisibly("pulumi", ["stack", "rm", "--yes", "--stack", stack]) : code;
}

const pulumi = (...args: string[]): Promise<string> => runProgram("pulumi", [...args, "--non-interactive"]);

if (import.meta.main)
  await runMain(async () => {
    const [first, second] = readArguments(usage, { options: {}, most: 2 }).positionals;
    const direction = required(usage, "The first argument", first, "up, down", /^(up|down)$/) as "up" | "down";
    const pull = Number(required(usage, "PULL", second, "a number", /^[1-9]\d{0,8}$/));
    if (!stackFiles().some(({ stack }) => stack === model)) throw new UserError(`There is no Pulumi.${model}.yaml.`);
    process.exitCode = await { up, down }[direction](pull);
  });
