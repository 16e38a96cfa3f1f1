import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { clusterName } from "../../components/aws/cluster-name.ts";
import { ecrAddress } from "../../settings/ecr-address.ts";
import { runProgram, runVisibly } from "../../settings/run-program.ts";
import { type StackFile, stackFiles } from "../../settings/stack-files.ts";
import { UserError } from "../../settings/user-error.ts";
import { runMain } from "../cli/run-main.ts";
import { update } from "./apply.ts";

const usage = `npm run pull-request -- up|down PULL
  up     makes the environment of a pull request, or brings it up to date
  down   destroys it, with its data
  PULL   number of the pull request`;

/** The stack that a pull request's environment is made after. */
const model = "test";

/** Stack of a pull request. */
export const stackOf = (pull: number): string => `pr-${pull}`;

/**
 * Settings of a pull request's environment: those of the model, beside it. A namespace and a host of its own, no
 * release, because nothing is verified there, and nothing that would outlive it. Registry and cluster are the model's.
 *
 * @param config the model's settings
 */
export function settingsFor(pull: number, config: StackFile["config"]): StackFile["config"] {
  const { "slipway:ecr": _, ...rest } = config;
  const { name: __, ...release } = config["slipway:release"];
  const { nodePort: ___, host, ...web } = config["slipway:web"];
  const { protect: ____, backups: _____, ...database } = config["slipway:database"] ?? {};
  const shared = sharedCluster(config);
  return {
    ...rest,
    ...(shared && { "slipway:cluster": { eks: shared.eks } }),
    "slipway:namespace": `${config["slipway:namespace"]}-${stackOf(pull)}`,
    "slipway:release": release,
    "slipway:web": { ...shared?.web, ...web, ...(host && { host: hostFor(pull, host) }) },
    ...(config["slipway:database"] && { "slipway:database": { ...shared?.database, ...database } }),
  };
}

/**
 * The cluster that the model makes for itself, as one that is there already, with the classes that such a cluster has
 * (components/aws/storage.ts, edge.ts): the program knows of those only where it makes them, and neither is a default.
 *
 * @returns undefined where the model makes none
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

/** Beside the model's, so that one record and one certificate for `*` serve all of them. */
const hostFor = (pull: number, host: string): string => host.replace(/^[^.]+/, (first) => `${first}-${stackOf(pull)}`);

/**
 * Makes a pull request's environment, or brings it up to date. Its secrets are the model's, encrypted anew.
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

/** The model's own stack hands its build a login for Amazon ECR; this one is let in as whoever runs it, for twelve hours. */
async function logIn(repository: string): Promise<void> {
  const address = ecrAddress(repository);
  if (!address) return;
  const [host = ""] = repository.split("/");
  const token = await runProgram("aws", ["ecr", "get-login-password", "--region", address.region]);
  // By standard input: arguments are for every process of the machine to read.
  await runProgram("docker", ["login", "--username", "AWS", "--password-stdin", host], { input: token });
}

/** Destroys a pull request's environment, and forgets the stack; where there is none, there is nothing to do. */
export async function down(pull: number): Promise<number> {
  const stack = stackOf(pull);
  const stacks: { name: string }[] = JSON.parse(await pulumi("stack", "ls", "--json"));
  if (!stacks.some(({ name }) => name.split("/").at(-1) === stack)) {
    console.log(`Pull request ${pull} has no environment.`);
    return 0;
  }
  const code = await runVisibly("pulumi", [
    "destroy",
    "--yes",
    "--skip-preview",
    "--non-interactive",
    "--stack",
    stack,
  ]);
  return code === 0 ? runVisibly("pulumi", ["stack", "rm", "--yes", "--stack", stack]) : code;
}

/** Runs `pulumi`. @throws UserError with what it says */
const pulumi = (...args: string[]): Promise<string> => runProgram("pulumi", [...args, "--non-interactive"]);

/** Reads the command line. @throws UserError with the usage where it is not as it should be */
export function readRequest([what = "", pull = "", ...more]: readonly string[]) {
  if (what !== "up" && what !== "down") throw new UserError(`It is ${what || "missing"}; allowed: up, down\n${usage}`);
  if (!/^[1-9]\d{0,8}$/.test(pull) || more.length > 0)
    throw new UserError(`PULL is ${[pull, ...more].join(" ") || "missing"}; allowed: a number\n${usage}`);
  return { what, pull: Number(pull) } as const;
}

if (import.meta.main)
  await runMain(async () => {
    const { what, pull } = readRequest(process.argv.slice(2));
    if (!stackFiles().some(({ stack }) => stack === model)) throw new UserError(`There is no Pulumi.${model}.yaml.`);
    process.exitCode = await { up, down }[what](pull);
  });
