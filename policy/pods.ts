import { completePod } from "./patches.ts";
import type { Props, Resource } from "./rule.ts";
import { list } from "./unknown-values.ts";

/** Container of a pod. */
export interface Container {
  readonly name: string;
  readonly props: Props;
  /** Whether it is an init container. */
  readonly init: boolean;
}

/** Pod specification by kind. */
const templates: Readonly<Record<string, (props: Props) => Props>> = {
  Pod: (props) => props.spec,
  PodTemplate: (props) => props.template?.spec,
  ...Object.fromEntries(
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"].map((kind) => [
      kind,
      (props: Props) => props.spec?.template?.spec,
    ]),
  ),
  CronJob: (props) => props.spec?.jobTemplate?.spec?.template?.spec,
};

/** Kind of a Kubernetes object or of the object that a patch changes, as in `Deployment`; undefined for other resources. */
export function kindOf({ type }: Pick<Resource, "type">): string | undefined {
  const [provider, , kind] = type.split(":");
  return provider === "kubernetes" ? kind?.replace(/(?<=.)Patch$/, "") : undefined;
}

/** Whether a resource sets some fields of an existing object, as a DeploymentPatch does; it may lack the others. */
export const isPatch = ({ type }: Pick<Resource, "type">): boolean => /^kubernetes:.*[^:]Patch$/.test(type);

/** Specification of the pod that an object is or creates; undefined if it creates none. */
export function podOf(resource: Resource): Props | undefined {
  const pod = templates[kindOf(resource) ?? ""]?.(resource.props) ?? undefined;
  return pod && isPatch(resource) ? completePod(pod) : pod;
}

/** Containers of the pod that an object is or creates. */
export function containersOf(resource: Resource): Container[] {
  const pod = podOf(resource);
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((field) =>
    list(pod?.[field]).map((props) => ({ name: String(props.name), props, init: field === "initContainers" })),
  );
}

/** Checks each container of a pod. @param check returns predicates, as in `runs as root` */
export const containerProblems = (resource: Resource, check: (container: Container) => readonly string[]): string[] =>
  containersOf(resource).flatMap((container) =>
    check(container).map((problem) => `container ${container.name} ${problem}`),
  );
