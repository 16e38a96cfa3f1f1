import { run } from "../../sandbox/command.ts";
import type { Project } from "./project.ts";

/** Message of the API server, among others, when it refuses. */
export const refusalMessage = "this test has no StatefulSets";

/**
 * Lets the API server refuse the StatefulSets of a project.
 *
 * @returns a function that ends it
 */
export async function refuseStatefulSets(project: Project): Promise<() => Promise<unknown>> {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name: `${project.namespace}-no-stateful-sets` };
  const resourceRules = [
    { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["statefulsets"] },
  ];
  const policy = {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata,
    spec: { matchConstraints: { resourceRules }, validations: [{ expression: "false", message: refusalMessage }] },
  };
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": project.namespace } };
  const binding = {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata,
    spec: { policyName: metadata.name, validationActions: ["Deny"], matchResources: { namespaceSelector } },
  };
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: [policy, binding] });
  const kubectl = (...args: string[]) => run(["kubectl", ...args, "--filename=-"], { env: project.env, input });
  await kubectl("apply");
  return () => kubectl("delete");
}
