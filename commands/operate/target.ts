import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { UserError } from "../../settings/user-error.ts";

/** Where a stack runs, by its own settings. */
export interface Target {
  readonly stack: string;
  readonly namespace: string;
  /** The arguments with which `kubectl` reaches that namespace and no other. */
  readonly address: readonly string[];
  /** Runs `kubectl` there and gives what it printed. @throws UserError with what it said */
  kubectl(args: readonly string[], input?: string): Promise<string>;
}

/** The folder of Pulumi.yaml. */
const project = resolve(import.meta.dirname, "../..");

/**
 * Finds a stack's cluster and namespace with `pulumi config`.
 *
 * @param stack its name
 * @param folder the folder of Pulumi.yaml
 * @throws UserError where there is no such stack or it does not say where it runs
 */
export async function targetOf(stack: string, folder = project): Promise<Target> {
  const config = JSON.parse(await run(["pulumi", "config", "--json", "--stack", stack], folder));
  const namespace: unknown = config["slipway:namespace"]?.value;
  const { context = aliasOf(stack, config), kubeconfig } = config["slipway:cluster"]?.objectValue ?? {};
  if (typeof namespace !== "string" || typeof context !== "string")
    throw new UserError(`Pulumi.${stack}.yaml must name slipway:namespace and slipway:cluster.context or .eks.`);
  const file = kubeconfig ? [`--kubeconfig=${resolve(folder, kubeconfig)}`] : [];
  const address = [...file, `--context=${context}`, `--namespace=${namespace}`];
  return {
    ...{ stack, namespace, address },
    kubectl: (args, input) => run(["kubectl", ...address, ...args], folder, input),
  };
}

/**
 * The context of a cluster in Amazon EKS: the stack's name, as `aws eks update-kubeconfig --alias STACK` writes it
 * (docs/aws.md); undefined where there is none.
 */
const aliasOf = (stack: string, config: Record<string, { objectValue?: { eks?: object } }>): string | undefined =>
  config["slipway:cluster"]?.objectValue?.eks && stack;

function run([program = "", ...args]: readonly string[], cwd: string, input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["pipe", "pipe", "pipe"] });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        said[stream] += text;
      });
    child.on("error", (error) => reject(new UserError(`${program} cannot be run: ${error.message}`)));
    child.on("close", (code) =>
      code === 0 ? resolve(said.stdout) : reject(new UserError(`${program} ${args.join(" ")} failed:\n${said.stderr}`)),
    );
    // One that does not read its input closes the pipe; its exit code says what matters.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
  });
}
