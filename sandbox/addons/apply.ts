import { UserError } from "../../settings/user-error.ts";
import { eventually } from "../eventually.ts";
import { kubectl } from "../probes.ts";
import type { KubernetesObject } from "./workload.ts";

/**
 * Applies objects to the cluster.
 *
 * @param what name of the objects in an error
 * @throws UserError with the API server's message
 */
export async function apply(what: string, objects: readonly KubernetesObject[] | string): Promise<void> {
  const text =
    typeof objects === "string" ? objects : JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  const options = ["--server-side", "--force-conflicts", "--field-manager=slipway-sandbox"];
  const { code, stderr } = await kubectl(["apply", ...options, "-f", "-"], text);
  if (code !== 0) throw new UserError(`${what} cannot be applied:\n${stderr}`);
}

/**
 * Waits until all pods of a Deployment run its present version.
 *
 * @param namespace @default the name of the Deployment
 * @throws UserError with kubectl's message
 */
export const waitForRollout = (name: string, namespace: string = name): Promise<void> =>
  waitFor(name, ["rollout", "status", `deployment/${name}`, `--namespace=${namespace}`, "--timeout=50s"]);

/** Waits until an object has a condition. @throws UserError with kubectl's message */
export const waitForCondition = (what: string, type: string, namespace?: string): Promise<void> =>
  waitFor(what, ["wait", what, `--for=condition=${type}`, "--timeout=50s", ...(namespace ? ["-n", namespace] : [])]);

/** Repeats a waiting command for two minutes, because it fails as long as the object does not exist. */
async function waitFor(what: string, args: readonly string[]): Promise<void> {
  const command = async () => {
    const { code, stderr, stdout } = await kubectl(args);
    if (code !== 0) throw new Error(stderr.trim() || stdout.trim());
  };
  await eventually(command, 120, {
    timedOut: (reason) =>
      new UserError(`${what} is not ready: ${reason}\nLook at it: eval "$(npm run -s env)"; kubectl get pods -A`),
  });
}
