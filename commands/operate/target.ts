import { resolve } from "node:path";
import { runProgram } from "../../settings/run-program.ts";
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
  const config = JSON.parse(await runProgram("pulumi", ["config", "--json", "--stack", stack], { cwd: folder }));
  const namespace: unknown = config["slipway:namespace"]?.value;
  const { context = aliasOf(stack, config), kubeconfig } = config["slipway:cluster"]?.objectValue ?? {};
  if (typeof namespace !== "string" || typeof context !== "string")
    throw new UserError(`Pulumi.${stack}.yaml must name slipway:namespace and slipway:cluster.context or .eks.`);
  const file = kubeconfig ? [`--kubeconfig=${resolve(folder, kubeconfig)}`] : [];
  const address = [...file, `--context=${context}`, `--namespace=${namespace}`];
  return {
    ...{ stack, namespace, address },
    kubectl: (args, input) => runProgram("kubectl", [...address, ...args], { cwd: folder, input }),
  };
}

/**
 * The context of a cluster in Amazon EKS: the stack's name, as `aws eks update-kubeconfig --alias STACK` writes it
 * (docs/aws.md); undefined where there is none.
 */
const aliasOf = (stack: string, config: Record<string, { objectValue?: { eks?: object } }>): string | undefined =>
  config["slipway:cluster"]?.objectValue?.eks && stack;
