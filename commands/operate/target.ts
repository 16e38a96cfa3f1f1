import { resolve } from "node:path";
import { runProgram } from "../../settings/run-program.ts";
import { UserError } from "../../settings/user-error.ts";

/** Cluster and namespace of a stack. */
export interface Target {
  readonly stack: string;
  readonly namespace: string;
  /** Options of `kubectl` for that cluster and namespace. */
  readonly address: readonly string[];
  /** Runs `kubectl` with those options. @returns its standard output @throws UserError with its standard error */
  kubectl(args: readonly string[], input?: string): Promise<string>;
}

const project = resolve(import.meta.dirname, "../..");

/**
 * Finds a stack's cluster and namespace with `pulumi config`.
 *
 * @param folder the folder of Pulumi.yaml
 * @throws UserError if there is no such stack, or its settings lack the cluster or namespace
 */
export async function targetOf(stack: string, folder = project): Promise<Target> {
  const config = JSON.parse(await runProgram("pulumi", ["config", "--json", "--stack", stack], { cwd: folder }));
  const namespace: unknown = config["slipway:namespace"]?.value;
  const { context = eksContext(stack, config), kubeconfig } = config["slipway:cluster"]?.objectValue ?? {};
  if (typeof namespace !== "string" || typeof context !== "string")
    throw new UserError(`Pulumi.${stack}.yaml must name slipway:namespace and slipway:cluster.context or .eks.`);
  const file = kubeconfig ? [`--kubeconfig=${resolve(folder, kubeconfig)}`] : [];
  const address = [...file, `--context=${context}`, `--namespace=${namespace}`];
  return {
    stack,
    namespace,
    address,
    kubectl: (args, input) => runProgram("kubectl", [...address, ...args], { cwd: folder, input }),
  };
}

/** Context of a cluster in Amazon EKS: the stack's name, by `aws eks update-kubeconfig --alias STACK` (docs/aws.md). */
const eksContext = (stack: string, config: Record<string, { objectValue?: { eks?: object } }>): string | undefined =>
  config["slipway:cluster"]?.objectValue?.eks && stack;
